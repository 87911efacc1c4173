import { Identities, keyOf, Met } from '../../src/engine/learn/keys.js'
import { pendingSite, type Site } from '../../src/engine/model/at.js'
import { Call, type FnInfo } from '../../src/engine/model/fn.js'
import { Blocked, type Step } from '../../src/engine/model/step.js'

/** What a step does, told without looking at where it came from. */
export const describeStep = (step: Step<unknown>): string => {
  if (step.kind === 'atomic') return `atomic ${String(step.apply({} as never, 0))}`
  if (step.kind !== 'until') return `${step.kind} ${JSON.stringify(step.operands)}`
  const tried = [0, 1, 2, 3].map((value) => {
    let cell = -1
    const result = step.apply({ get: (of: number) => ((cell = of), value) } as never, 0)
    return [cell, !(result instanceof Blocked)]
  })
  return `until ${JSON.stringify(tried)}`
}

type Input = readonly [how: 'next' | 'throw', value: unknown]

interface Frame {
  readonly fn: FnInfo
  readonly args: readonly unknown[]
  readonly history: readonly Input[]
  /** Site and live values, or the history where there is no site. */
  readonly key: string
  readonly used: string
}

/** A learned local state: where a thread may be. */
export interface Node {
  readonly frames: readonly Frame[]
  readonly step: Step<unknown> | undefined
  readonly result: string
  readonly next: Map<unknown, Node>
}

/** A naive learner: local states are equal when sites, live values and the pending step are, and only the first is kept. */
export class Automaton {
  readonly nodes = new Map<string, Node>()
  private readonly sites = new Map<Site, number>()
  private readonly fns = new Map<unknown, number>()

  start(call: Call<unknown>): Node {
    return this.settle([], call)
  }

  feed(node: Node, value: unknown): Node {
    const known = node.next.get(value)
    if (known) return known
    const next = this.resume(node.frames, ['next', value])
    node.next.set(value, next)
    return next
  }

  private resume(frames: readonly Frame[], input: Input): Node {
    const top = frames.at(-1)!
    return this.run(frames.slice(0, -1), { ...top, history: [...top.history, input] })
  }

  private settle(frames: readonly Frame[], call: Call<unknown>): Node {
    return this.run(frames, { fn: call.fn, args: call.args, history: [['next', undefined]], key: '', used: '' })
  }

  private run(below: readonly Frame[], frame: Frame): Node {
    const generator = frame.fn.body(...(frame.args as never[]))[Symbol.iterator]() as Generator<unknown>
    let turn: IteratorResult<unknown> = { done: false, value: undefined }
    try {
      for (const [how, value] of frame.history) {
        pendingSite.site = undefined
        turn = generator[how](value)
      }
    } catch (error) {
      if (error instanceof Error) throw error
      return below.length > 0 ? this.resume(below, ['throw', error]) : this.end(`threw ${String(error)}`)
    }
    if (turn.done) return below.length > 0 ? this.resume(below, ['next', turn.value]) : this.end(`returned ${String(turn.value)}`)
    const { site, live, used } = pendingSite
    const fn = this.id(this.fns, frame.fn)
    const key = site ? `${this.id(this.sites, site)} ${values(live)}` : `${fn} ${values(frame.args)} ${JSON.stringify(frame.history)}`
    const frames = [...below, { ...frame, key, used: site ? values(used) : '' }]
    if (turn.value instanceof Call) return this.settle(frames, turn.value)
    return this.intern(frames, turn.value as Step<unknown>)
  }

  private intern(frames: readonly Frame[], step: Step<unknown>): Node {
    const operands = step.operands ? values(step.operands) : ''
    const key = `${frames.map((f) => f.key).join(' | ')} ${frames.at(-1)!.used} ${step.kind} ${operands}`
    const node = this.nodes.get(key) ?? { frames, step, result: '', next: new Map<unknown, Node>() }
    this.nodes.set(key, node)
    return node
  }

  private end(result: string): Node {
    return { frames: [], step: undefined, result, next: new Map() }
  }

  private id<T>(ids: Map<T, number>, key: T): number {
    const id = ids.get(key) ?? ids.size
    ids.set(key, id)
    return id
  }
}

const identities = new Identities()

/** As the engine tells values, functions by number. */
const values = (list: readonly unknown[]): string => {
  const met = new Met()
  return `[${list.map((value) => keyOf(value, identities, met)).join()}]`
}
