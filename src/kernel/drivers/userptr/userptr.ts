import type { Cell } from '../../../engine/model/memory.js'
import { Sequence } from '../../../engine/model/sequence.js'
import { DmaResv } from '../../include/dma_resv.js'
import type { Mm } from '../../include/mm.js'
import { MmuIntervalNotifier, MmuNotifier } from '../../include/mmu_notifier.js'
import { format_word } from '../../include/format_word.js'
import type { WorkStruct } from '../../include/workqueue.js'
import type { Kernel } from '../../kernel.js'

/**
 * A buffer object of a GPU that is one page of user memory, and the GPU it belongs to. Two layers translate what the
 * GPU's commands ask for: its own page tables, and the IOMMU. The driver decides what the other cells mean.
 */
export class Userptr {
  readonly notifier: MmuIntervalNotifier
  /** Of a driver that subscribes itself: covers the range while it is set up (hfi1). */
  readonly cover: MmuIntervalNotifier
  /** For drivers from before interval notifiers. */
  readonly mn: MmuNotifier
  readonly resv: DmaResv
  /** What the callback takes: a mutex, rwlock or rw_semaphore, as the driver has it. */
  readonly notifier_lock: Cell
  /** i915: obj->mm.lock. xe: userptr->unmap_mutex. */
  readonly mm_lock: Cell
  /** pfn plus one of the page that the object consists of (ttm->pages, obj->userptr.pvec). */
  readonly page: Cell
  /** The sequence of the invalidations when that was looked up. */
  readonly sequence: Sequence
  readonly notifier_seq: Cell
  /** The IOMMU's entry for the object: 0, or page and rights. */
  readonly iommu_pte: Cell
  /** The GPU's entry: 1 where it maps what the IOMMU maps for the object. */
  readonly gpu_pte: Cell
  /** i915 before 5.9: mn->lock, and whether the object is in its tree; dev->struct_mutex; obj->userptr.work and its works. */
  readonly mn_lock: Cell
  readonly attached: Cell
  readonly struct_mutex: Cell
  /** Invalidations that have started and not ended, where the driver counts them. */
  readonly invalidating: Cell
  readonly work: Cell
  readonly get_pages_work: WorkStruct
  readonly release_work: WorkStruct
  /** Who gave the memory, and where; set when the object is made, before anything runs. */
  mm: Mm | undefined
  address = 0

  constructor(kernel: Kernel, readonly index: number) {
    const { cells, geometry, mmuNotifiers, workqueue } = kernel
    const name = `userptr${index}`
    const cell = (field: string): Cell => cells.cell(`${name}.${field}`)
    const lock = (field: string): Cell => cells.quiet(`${name}.${field}`)
    this.notifier = new MmuIntervalNotifier(cells, `${name}.notifier`)
    this.cover = new MmuIntervalNotifier(cells, `${name}.cover`)
    this.mn = new MmuNotifier(cells, `${name}.mn`)
    this.resv = new DmaResv(kernel, name, geometry.fences)
    this.notifier_lock = lock('notifier_lock')
    this.mm_lock = lock('mm_lock')
    this.page = cell('page')
    this.sequence = new Sequence(cells, `${name}.notifier_seq`)
    this.notifier_seq = this.sequence.cell
    this.iommu_pte = cells.cell(`${name}.iommu_pte`, 0, { format: format_word })
    this.gpu_pte = cell('gpu_pte')
    this.mn_lock = lock('mn_lock')
    this.attached = cell('attached')
    this.struct_mutex = lock('struct_mutex')
    this.invalidating = cell('invalidating')
    this.work = cell('work')
    this.get_pages_work = workqueue.work(`${name}.get_pages_work`)
    this.release_work = workqueue.work(`${name}.release_work`)
    mmuNotifiers.addInterval(this.notifier, this.cover)
  }
}

/** Loads a driver for an object: sets what it does when it is told of changes. At set-up. */
export type UserptrDriver = (bo: Userptr) => void
