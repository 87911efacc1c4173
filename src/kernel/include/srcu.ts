import type { Cell, Memory } from '../../engine/model/memory.js'
import type { WorkStruct } from './workqueue.js'

/** struct srcu_struct: two counts of readers, of which new ones take the one that `idx` names. */
export class Srcu {
  readonly idx: Cell
  readonly readers: readonly Cell[]
  /** What call_srcu() may be given. */
  readonly heads: WorkStruct[] = []

  constructor(memory: Memory, readonly name: string) {
    this.idx = memory.cell(`${name}.srcu_idx`)
    this.readers = memory.cells(`${name}.srcu_lock_count`, 2)
  }
}
