import type { Cell, Memory } from '../../engine/model/memory.js'
import { add } from '../include/cells.js'
import { released, taken } from './lock-op.js'
import { atomic, type Step, type Steps, until } from '../../engine/model/step.js'

/** struct srcu_struct: two counts of readers, of which new ones take the one that `idx` names. */
export class Srcu {
  readonly idx: Cell
  readonly readers: readonly Cell[]

  constructor(memory: Memory, readonly name: string) {
    this.idx = memory.cell(`${name}.srcu_idx`)
    this.readers = memory.cells(`${name}.srcu_lock_count`, 2)
  }
}

/** Returns what srcu_read_unlock() must be given. */
export const srcu_read_lock = (srcu: Srcu): Step =>
  atomic('srcu_read_lock(&srcu)', (m) => {
    const idx = m.get(srcu.idx)
    add(m, srcu.readers[idx]!, 1)
    return idx
  }, { lock: taken(srcu.idx, { class: `${srcu.name}_srcu`, mode: 'recursive' }) })

export const srcu_read_unlock = (srcu: Srcu, idx: number): Step<void> =>
  atomic('srcu_read_unlock(&srcu, idx)', (m) => void add(m, srcu.readers[idx]!, -1), { lock: released(srcu.idx) })

/** Waits for the readers that are there now; new ones use the other count. One caller at a time. */
export function* synchronize_srcu(srcu: Srcu): Steps {
  const idx = yield* atomic('srcu_flip()', (m) => {
    const old = m.get(srcu.idx)
    m.set(srcu.idx, 1 - old)
    return old
  }, { lock: taken(srcu.idx, { class: `${srcu.name}_srcu`, sleeps: true, passes: true }) })
  yield* until(srcu.readers[idx]!, (n) => n === 0, { label: 'synchronize_srcu(&srcu)' })
}
