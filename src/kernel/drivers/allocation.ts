import type { Access, Cell } from '../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../engine/model/step.js'
import { call_rcu, type RcuHead } from '../../machine/rcu.js'
import { kernel, type Kernel } from '../kernel.js'

/** Whether an object may be used: from kzalloc() to kfree(). */
const STATE = { LIVE: 0, FREED: 1, UNUSED: 2 } as const

/**
 * A piece of a driver's memory. O2 sees who reads or writes its cells when they are not his any more. Of what the kernel keeps in it,
 * such as a notifier, it sees writes: the model looks at all notifiers to find those that are on a list.
 */
export class Allocation {
  readonly state: Cell
  readonly rcu: RcuHead

  constructor({ cells: memory, machine }: Kernel, readonly name: string, readonly cells: readonly Cell[], live: boolean, readonly contained: readonly Cell[]) {
    this.state = memory.cell(`${name}.allocated`, live ? STATE.LIVE : STATE.UNUSED, { format: (state) => ['yes', 'freed', 'not yet'][state]! })
    this.rcu = machine.rcu.head(name, (m) => this.free(m))
  }

  /** What is wrong with using it now. */
  misuse(m: Access): string | undefined {
    const state = m.get(this.state)
    return state === STATE.LIVE ? undefined : state === STATE.FREED ? 'which has been freed' : 'which nobody has allocated'
  }

  free(m: Access): void {
    const misuse = this.misuse(m)
    if (misuse) for (const observer of kernel().observers) observer.misuses?.(m, `${this.name} is freed, ${misuse}`)
    m.set(this.state, STATE.FREED)
  }

  take(m: Access): boolean {
    if (m.get(this.state) !== STATE.UNUSED) return false
    m.set(this.state, STATE.LIVE)
    return true
  }
}

/** An object of a driver: its fields are cells. */
export type Allocated<Fields extends string = string> = Readonly<Record<Fields, Cell>> & { readonly allocation: Allocation }

/** Lays an object out; its fields have these values. */
export function allocated<Fields extends string>(on: Kernel, name: string, fields: Readonly<Record<Fields, number>>, live: boolean, contained: readonly Cell[] = []): Allocated<Fields> {
  const cells = Object.fromEntries(Object.entries<number>(fields).map(([field, value]) => [field, on.cells.cell(`${name}.${field}`, value)]))
  const allocation = new Allocation(on, name, Object.values(cells), live, contained)
  on.allocations.push(allocation)
  return { ...(cells as Record<Fields, Cell>), allocation }
}

/** include/linux/slab.h:kzalloc: the next of these objects. None comes twice, so that whoever keeps one that was freed is seen. */
export function* kzalloc<Fields extends string>(objects: readonly Allocated<Fields>[]): Steps<Allocated<Fields>> {
  const index = yield* atomic('kzalloc()', (m) => objects.findIndex(({ allocation }) => allocation.take(m)), { lock: { op: 'sleep' } })
  const object = objects[index]
  if (!object) throw new Error(`more than ${objects.length} objects are allocated: make more, k.objects(name, count, fields)`)
  return object
}

/** mm/slab_common.c:kfree */
export const kfree = ({ allocation }: { readonly allocation: Allocation }): Step<void> => atomic(`kfree(${allocation.name})`, (m) => allocation.free(m))

/** include/linux/rcupdate.h:kfree_rcu */
export const kfree_rcu = ({ allocation }: { readonly allocation: Allocation }): Steps => call_rcu(allocation.rcu)
