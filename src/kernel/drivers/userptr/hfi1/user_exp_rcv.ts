import { type Steps, store } from '../../../../engine/model/step.js'
import { FOLL_LONGTERM, FOLL_WRITE } from '../../../include/gup_flags.js'
import type { MmuIntervalNotifier, MmuNotifierRange } from '../../../include/mmu_notifier.js'
import type { Page } from '../../../include/page.js'
import { applied } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { unpin_user_page } from '../../../mm/gup/unpin_user_page.js'
import { pin_user_pages_fast } from '../../../mm/gup/user_pages.js'
import {
  mmu_interval_notifier_insert, mmu_interval_notifier_remove, mmu_interval_read_begin, mmu_interval_read_retry,
  mmu_interval_set_seq,
} from '../../../mm/mmu_interval_notifier.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/* drivers/infiniband/hw/hfi1/user_exp_rcv.c: a network card writes what it receives into user memory, by an entry (TID) per buffer. */

/** Takes the entry out of the hardware; the page stays pinned until the buffer is given back. */
function* hfi1_put_tid_invalidate(bo: Userptr): Steps {
  yield* store(bo.gpu_pte, 0, { label: 'hfi1_put_tid(PT_INVALID)' })
  yield* dma_unmap_sgtable(bo)
}

/** tid_rb_invalidate and tid_cover_invalidate. */
function* invalidate(bo: Userptr, sub: MmuIntervalNotifier, seq: number): Steps<boolean> {
  yield* mutex_lock(bo.notifier_lock, 'mutex_lock(lock)')
  yield* mmu_interval_set_seq(sub, seq)
  if (sub === bo.notifier) yield* hfi1_put_tid_invalidate(bo)
  yield* mutex_unlock(bo.notifier_lock, 'mutex_unlock(lock)')
  return true
}

export const hfi1: UserptrDriver = (bo) => {
  const told = (sub: MmuIntervalNotifier) => (_: MmuNotifierRange, seq: number) => invalidate(bo, sub, seq)
  bo.notifier.invalidate = told(bo.notifier)
  bo.cover.invalidate = told(bo.cover)
}

/** set_rcvarray_entry: the entry, with a notifier of its own. */
function* set_rcvarray_entry(bo: Userptr, page: Page): Steps {
  yield* dma_map_sgtable(bo, page)
  yield* mmu_interval_notifier_insert(bo.notifier, bo.mm!, bo.address, bo.address + 1)
  yield* store(bo.gpu_pte, 1, { label: 'hfi1_put_tid(PT_EXPECTED)' })
}

/** Whether anything of the range was invalidated during the set-up. */
function* overtaken(bo: Userptr, seq: number): Steps<boolean> {
  yield* mutex_lock(bo.notifier_lock, 'mutex_lock(cover_mutex)')
  const retry = yield* mmu_interval_read_retry(bo.cover, seq)
  yield* mutex_unlock(bo.notifier_lock, 'mutex_unlock(cover_mutex)')
  return retry
}

/** Pins and programs; with `seq`, takes all back if the range was invalidated meanwhile. Whether packets may come. */
function* program(bo: Userptr, seq: number | undefined): Steps<boolean> {
  const [page] = yield* pin_user_pages_fast(bo.mm!, bo.address, 1, FOLL_WRITE | FOLL_LONGTERM)
  if (!page) return false
  yield* set_rcvarray_entry(bo, page)
  if (applied('hfi1-begin-after-insert')) yield* mmu_interval_read_begin(bo.notifier, bo.mm!)
  if (seq === undefined || !(yield* overtaken(bo, seq))) return true
  yield* mmu_interval_notifier_remove(bo.notifier, bo.mm!)
  yield* hfi1_put_tid_invalidate(bo)
  yield* unpin_user_page(page)
  return false
}

/** hfi1_user_exp_rcv_setup, of one page. False: -EBUSY, or no memory. */
export function* hfi1_user_exp_rcv_setup(bo: Userptr): Steps<boolean> {
  if (!applied('b3deec25847b')) return yield* program(bo, undefined)
  yield* mmu_interval_notifier_insert(bo.cover, bo.mm!, bo.address, bo.address + 1)
  const done = yield* program(bo, yield* mmu_interval_read_begin(bo.cover, bo.mm!))
  yield* mmu_interval_notifier_remove(bo.cover, bo.mm!)
  return done
}
