import type { Cell } from '../../../engine/model/memory.js'
import { Sequence } from '../../../engine/model/sequence.js'
import type { Steps } from '../../../engine/model/step.js'
import { MmuIntervalNotifier, MmuNotifier, type MmuNotifierOps, type MmuNotifierRange } from '../../include/mmu_notifier.js'
import { format_word } from '../../include/format_word.js'
import type { Mm } from '../../include/mm.js'
import type { Kernel } from '../../kernel.js'

/**
 * A device or a virtual machine with page tables of its own for one address space: shadow entries that say what the
 * CPU's tables said. Its driver subscribes to notifiers with `notifier.ops`, and decides what the other cells mean;
 * their names are those of KVM (include/linux/kvm_host.h:struct kvm).
 */
export class SecondaryMmu {
  readonly notifier: MmuNotifier
  /** The other way to subscribe, to a range. */
  readonly interval: MmuIntervalNotifier
  /** mmu_lock: whoever changes shadow entries holds it. */
  readonly mmu_lock: Cell
  readonly sequence: Sequence
  readonly mmu_invalidate_seq: Cell
  readonly mmu_invalidate_in_progress: Cell
  readonly mmu_invalidate_range_start: Cell
  readonly mmu_invalidate_range_end: Cell
  /** A page of shadow page tables of a nested guest (pfn plus one) that goes when KVM needs room. */
  readonly active_mmu_pages: Cell
  /** By address: 0, or a word as in a page table: page number and rights. */
  readonly sptes: readonly Cell[]
  /** Set when the driver is loaded, before anything runs. */
  fault: MmuFault = () => {
    throw new Error('the driver of the secondary MMU handles no faults')
  }

  /** `subscribes`: whether to a range, or to all of an address space. */
  constructor({ cells, geometry, mmuNotifiers, taskSize, workqueue }: Kernel, readonly index: number, readonly subscribes: 'to all' | 'to a range') {
    const name = `mmu${index}`
    const cell = (field: string): Cell => cells.cell(`${name}.${field}`)
    const lock = (field: string): Cell => cells.quiet(`${name}.${field}`)
    this.notifier = new MmuNotifier(cells, name)
    this.interval = new MmuIntervalNotifier(cells, `${name}.interval`)
    if (subscribes === 'to all') {
      if (geometry.workers > 0) mmuNotifiers.freeLater(this.notifier, workqueue.work(`${name}.rcu`))
      mmuNotifiers.add(this.notifier)
    } else mmuNotifiers.addInterval(this.interval)
    this.mmu_lock = lock('mmu_lock')
    this.sequence = new Sequence(cells, `${name}.mmu_invalidate_seq`)
    this.mmu_invalidate_seq = this.sequence.cell
    this.mmu_invalidate_in_progress = cell('mmu_invalidate_in_progress')
    this.mmu_invalidate_range_start = cell('mmu_invalidate_range_start')
    this.mmu_invalidate_range_end = cell('mmu_invalidate_range_end')
    this.active_mmu_pages = cell('active_mmu_pages')
    this.sptes = cells.cells(`${name}.spte`, taskSize, 0, { format: format_word, interest: 'entry' })
  }
}

/** What a driver with an interval notifier does when its range changes. It must call mmu_interval_set_seq(). */
export type IntervalDriver = (mmu: SecondaryMmu) => (range: MmuNotifierRange, cur_seq: number) => Steps<boolean>

/** The device or guest faults. False: there is nothing to map; true: it may try again, also if nothing was mapped. */
export type MmuFault = (mm: Mm, address: number, write: boolean) => Steps<boolean>

/** A driver: what it does when it is told of changes, and when its device faults. Made at set-up. */
export type Driver = (mmu: SecondaryMmu) => MmuNotifierOps & { readonly fault?: MmuFault }
