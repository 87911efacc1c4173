import type { Cell, Memory } from '../../engine/model/memory.js'
import { Sequence } from '../../engine/model/sequence.js'
import type { Steps } from '../../engine/model/step.js'
import type { Mm } from './mm.js'
import type { WorkStruct } from './workqueue.js'

/** Why a range is invalidated (enum mmu_notifier_event), as far as anybody asks. */
export type MmuNotifierEvent = 'clear' | 'unmap' | 'migrate' | 'exclusive' | 'release' | 'protection-page' | 'soft-dirty'

/** struct mmu_notifier_range: addresses from `start` up to, not with, `end`. */
export interface MmuNotifierRange {
  readonly mm: Mm
  readonly start: number
  readonly end: number
  readonly event: MmuNotifierEvent
  /** The driver that does it, which may ignore its own (mmu_notifier_range_init_owner). */
  readonly owner?: object
  /** False: the callbacks must not wait for anything (mmu_notifier_invalidate_range_start_nonblock). Default true. */
  readonly blockable?: false
}

/** struct mmu_notifier_ops: what a driver does when it is told. */
export interface MmuNotifierOps {
  /** False: it would have to wait and must not (-EAGAIN). A driver that may return that has no invalidate_range_end. */
  invalidate_range_start?(range: MmuNotifierRange): Steps<boolean | void>
  invalidate_range_end?(range: MmuNotifierRange): Steps<unknown>
  /** For TLBs of devices that walk the CPU's tables. Also called under page-table locks: it must not sleep. */
  invalidate_range?(mm: Mm, start: number, end: number): Steps<unknown>
  change_pte?(mm: Mm, address: number, pte: number): Steps<unknown>
  release?(mm: Mm): Steps<unknown>
  /** After mmu_notifier_put(), when nobody calls it any more. */
  free_notifier?(): Steps<unknown>
}

/** struct mmu_notifier: told of every change to an address space. */
export class MmuNotifier {
  /** The mm on whose list it is; 0 for none. */
  readonly mm: Cell
  /** The mm whose struct it keeps, from its registration until it is freed. */
  readonly keeps: Cell
  /** How often mmu_notifier_get() has given it out. */
  readonly users: Cell
  /** What call_srcu() frees it with, where there are workers. */
  rcu: WorkStruct | undefined
  /** Set when the driver is loaded, before anything runs; and which driver, by which mmu_notifier_get() finds it. */
  ops: MmuNotifierOps = {}
  driver: unknown

  constructor(memory: Memory, name: string) {
    this.mm = memory.cell(`${name}.mm`)
    this.keeps = memory.cell(`${name}.keeps`)
    this.users = memory.cell(`${name}.users`)
  }
}

/** The interval subscriptions of an mm (struct mmu_notifier_subscriptions). */
export class MmuNotifierSubscriptions {
  /** Odd while an invalidation that somebody subscribed to is under way. */
  readonly sequence: Sequence
  readonly invalidate_seq: Cell
  readonly active_invalidate_ranges: Cell
  /** Held over several steps where it is looked at finely only; what else takes it is one step. */
  readonly lock: Cell

  constructor(memory: Memory, name: string) {
    this.sequence = new Sequence(memory, `${name}.invalidate_seq`, 2)
    this.invalidate_seq = this.sequence.cell
    this.active_invalidate_ranges = memory.cell(`${name}.active_invalidate_ranges`)
    this.lock = memory.quiet(`${name}.lock`)
  }
}

/** Where an interval notifier is: in the tree of its mm, or about to get in or out when the invalidations have ended. */
export const INTERVAL = { OUT: 0, IN: 1, DEFERRED_INSERT: 2, DEFERRED_REMOVE: 3 } as const

/** False, only if it may not block: it would have to wait. */
type IntervalInvalidation = (range: MmuNotifierRange, cur_seq: number) => Steps<boolean>

/** struct mmu_interval_notifier: tells its owner of changes to a range of an address space. */
export class MmuIntervalNotifier {
  readonly mm: Cell
  readonly start: Cell
  readonly end: Cell
  readonly invalidate_seq: Cell
  readonly state: Cell

  /** ops->invalidate: must call mmu_interval_set_seq(). Set when the driver is loaded, before anything runs. */
  invalidate: IntervalInvalidation | undefined
  /** ops->invalidate_start, in its place: 'finish' asks for invalidate_finish() when all that the range hits have been told. Since 7.3. */
  invalidate_start: ((range: MmuNotifierRange, cur_seq: number) => Steps<boolean | 'finish'>) | undefined
  invalidate_finish: (() => Steps<unknown>) | undefined

  constructor(memory: Memory, name: string) {
    const cell = (field: string): Cell => memory.cell(`${name}.${field}`)
    this.mm = cell('mm')
    this.start = cell('start')
    this.end = cell('end')
    this.invalidate_seq = memory.cell(`${name}.invalidate_seq`, 0, { keeps: true })
    this.state = cell('state')
  }
}
