import { type Steps, store, xchg } from '../../../../engine/model/step.js'
import { FOLL_LONGTERM, FOLL_WRITE } from '../../../include/gup_flags.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import type { Page } from '../../../include/page.js'
import { has, kernel } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { unpin_user_page } from '../../../mm/gup/unpin_user_page.js'
import { pin_user_pages_fast } from '../../../mm/gup/user_pages.js'
import {
  mmu_interval_notifier_insert, mmu_interval_notifier_remove, mmu_interval_read_begin, mmu_interval_read_retry,
  mmu_interval_set_seq,
} from '../../../mm/mmu_interval_notifier.js'
import { set_page_dirty_lock } from '../../../mm/page-writeback/set_page_dirty_lock.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/* drivers/infiniband/hw/hfi1/user_exp_rcv.c: a network card writes what it receives into user memory, by an entry (TID) per buffer. */

/** unpin_rcv_pages, of a page that the card may have written to. */
function* unpin_rcv_pages(bo: Userptr, page: Page): Steps {
  yield* dma_unmap_sgtable(bo)
  yield* set_page_dirty_lock(page)
  yield* unpin_user_page(page)
}

/** __clear_tid_node: the hardware forgets the page, which is given back then. */
function* __clear_tid_node(bo: Userptr): Steps {
  yield* mutex_lock(bo.mm_lock, 'mutex_lock(&node->invalidate_mutex)')
  const pfn = yield* xchg(bo.page, 0, { label: 'node->freed = true' })
  if (pfn) {
    yield* store(bo.gpu_pte, 0, { label: 'hfi1_put_tid(PT_INVALID_FLUSH)' })
    yield* unpin_rcv_pages(bo, kernel().page(pfn - 1))
  }
  yield* mutex_unlock(bo.mm_lock, 'mutex_unlock(&node->invalidate_mutex)')
}

/**
 * tid_rb_invalidate. Only munmap() counts, whose callers hold no lock of a page: so that may be taken to mark it as dirty. For all
 * else, such as madvise(), the card keeps the page that it has pinned.
 */
function* tid_rb_invalidate(bo: Userptr, range: MmuNotifierRange): Steps<boolean> {
  if (range.event === 'unmap') yield* __clear_tid_node(bo)
  return true
}

/** tid_cover_invalidate */
function* tid_cover_invalidate(bo: Userptr, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.event !== 'unmap') return true
  yield* mutex_lock(bo.notifier_lock, 'mutex_lock(&tidbuf->cover_mutex)')
  yield* mmu_interval_set_seq(bo.cover, cur_seq)
  yield* mutex_unlock(bo.notifier_lock, 'mutex_unlock(&tidbuf->cover_mutex)')
  return true
}

export const hfi1: UserptrDriver = (bo) => {
  bo.notifier.invalidate = (range) => tid_rb_invalidate(bo, range)
  bo.cover.invalidate = (range, seq) => tid_cover_invalidate(bo, range, seq)
}

/** set_rcvarray_entry: the entry, with a notifier of its own. */
function* set_rcvarray_entry(bo: Userptr, page: Page): Steps {
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.page, page.pfn + 1, { label: 'node->freed = false' })
  yield* mmu_interval_notifier_insert(bo.notifier, bo.mm!, bo.address, bo.address + 1)
  yield* store(bo.gpu_pte, 1, { label: 'hfi1_put_tid(PT_EXPECTED)' })
}

/** Whether anything of the range was invalidated during the set-up. */
function* overtaken(bo: Userptr, seq: number): Steps<boolean> {
  yield* mutex_lock(bo.notifier_lock, 'mutex_lock(&tidbuf->cover_mutex)')
  const retry = yield* mmu_interval_read_retry(bo.cover, seq)
  yield* mutex_unlock(bo.notifier_lock, 'mutex_unlock(&tidbuf->cover_mutex)')
  return retry
}

/** Pins and programs; with `seq`, takes all back if the range was invalidated meanwhile. Whether packets may come. */
function* program(bo: Userptr, seq: number | undefined): Steps<boolean> {
  const [page] = yield* pin_user_pages_fast(bo.mm!, bo.address, 1, FOLL_WRITE | FOLL_LONGTERM)
  if (!page) return false
  yield* set_rcvarray_entry(bo, page)
  if (has('hfi1-begin-after-insert')) yield* mmu_interval_read_begin(bo.notifier, bo.mm!)
  if (seq === undefined || !(yield* overtaken(bo, seq))) return true
  yield* mmu_interval_notifier_remove(bo.notifier, bo.mm!)
  yield* __clear_tid_node(bo)
  return false
}

/** hfi1_user_exp_rcv_setup, of one page. False: -EBUSY, or no memory. */
export function* hfi1_user_exp_rcv_setup(bo: Userptr): Steps<boolean> {
  if (!has('b3deec25847b')) return yield* program(bo, undefined)
  yield* mmu_interval_notifier_insert(bo.cover, bo.mm!, bo.address, bo.address + 1)
  const done = yield* program(bo, yield* mmu_interval_read_begin(bo.cover, bo.mm!))
  yield* mmu_interval_notifier_remove(bo.cover, bo.mm!)
  return done
}
