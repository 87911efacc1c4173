import { DEFAULT_KERNEL } from '../machine/kernels.js'
import { kernelChanges } from './hunted-kernel.js'
import type { Operation } from './operation.js'
import type { PlanOptions } from './plan.js'
import type { Scene } from './scene.js'
import { isThere, type State } from './state.js'
import { survey } from './survey.js'

/** What two kernels differ in that are compared, and which operations come by it. */
export class Difference {
  /** Ids of changes that one of them has. */
  private readonly ids: ReadonlySet<string>
  private readonly relevant = new Map<State, ReadonlySet<Operation>>()

  constructor(private readonly options: PlanOptions) {
    const { kernel, against = kernel } = options
    const [mine, other] = [kernelChanges(kernel).ids, kernelChanges(against).ids]
    this.ids = new Set([...mine, ...other].filter((id) => mine.has(id) !== other.has(id)))
  }

  /** Whether there is any. */
  get any(): boolean {
    return this.ids.size > 0
  }

  /** How many lanes of a scene come by it. */
  weight({ state, operations }: Scene): number {
    const relevant = this.relevantIn(state)
    return operations.filter((operation) => relevant.has(operation)).length
  }

  /** The operations that come by it in a state, on some architecture. */
  relevantIn(state: State): ReadonlySet<Operation> {
    const known = this.relevant.get(state)
    if (known) return known
    const relevant = new Set(this.any ? this.options.archs.flatMap((arch) => this.relevantOn(state, arch)) : [])
    this.relevant.set(state, relevant)
    return relevant
  }

  private relevantOn(state: State, arch: string): Operation[] {
    const { kernel: { kernel = DEFAULT_KERNEL, changes = [] }, operations, surveys } = this.options
    if (!isThere(state, arch, kernel)) return []
    const key = [kernel, arch, state.name, ...changes.map(({ id }) => id)].join(' ')
    const asked = surveys?.get(key) ?? survey(state, operations, { arch, kernel }, changes)
    surveys?.set(key, asked)
    const differ = (ids: ReadonlySet<string>): boolean => [...ids].some((id) => this.ids.has(id))
    return [...asked.operations].filter(([, ids]) => differ(asked.setup) || differ(ids)).map(([operation]) => operation)
  }
}
