import { write_by_device } from '../write_by_device.js'
import { atomic, load, type Steps, store } from '../../../engine/model/step.js'
import { EBUSY, EINVAL } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { mmu_interval_read_begin, mmu_interval_read_retry } from '../../mm/mmu_interval_notifier.js'
import { make_device_exclusive_range } from '../../mm/rmap/make_device_exclusive_range.js'
import { folio_put } from '../../mm/swap/folio_put.js'
import { type Dmirror, DPT_XA_TAG_ATOMIC } from './dmirror.js'

type Pages = readonly (Page | undefined)[]

/** lib/test_hmm.c:dmirror_atomic_map. Number of pages mapped: none if `seq` is out of date. */
export function* dmirror_atomic_map(dmirror: Dmirror, start: number, pages: Pages, seq: number | undefined): Steps<number> {
  let mapped = 0
  yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
  const stale = seq !== undefined && (yield* mmu_interval_read_retry(dmirror.notifier, seq))
  for (const [i, page] of stale ? [] : pages.entries()) {
    if (!page) continue
    yield* store(dmirror.pt[start + i]!, page.pfn * 4 + DPT_XA_TAG_ATOMIC, { label: 'xa_store(pt, pfn)' })
    mapped++
  }
  yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
  return mapped
}

function* unlock_and_put(pages: Pages): Steps {
  for (const page of pages) {
    if (!page) continue
    yield* folio_unlock(page)
    yield* folio_put(page)
  }
}

/**
 * lib/test_hmm.c:dmirror_exclusive: the device gets pages for itself, for atomic operations. 0, or -EBUSY if it did not
 * get them all. As merged it does not ask whether the range was invalidated since, as make_device_exclusive_range() wants it.
 */
export function* dmirror_exclusive(dmirror: Dmirror, mm: Mm, start: number, npages: number): Steps<number> {
  const careful = has('hmm-exclusive-check')
  const owner = careful ? dmirror.mdevice.pagemap : undefined
  const seq = careful ? yield* mmu_interval_read_begin(dmirror.notifier, mm) : undefined
  if (!(yield* mmget_not_zero(mm))) return -EINVAL
  yield* mmap_read_lock(mm)
  const pages = yield* make_device_exclusive_range(mm, start, npages, owner)
  const all = typeof pages !== 'number' && pages.length === npages
  const mapped = all ? yield* dmirror_atomic_map(dmirror, start, pages, seq) : 0
  if (typeof pages !== 'number') yield* unlock_and_put(pages)
  yield* mmap_read_unlock(mm)
  yield* mmput(mm)
  return mapped === npages ? 0 : -EBUSY
}

/** An atomic operation of the device: adds one if it has the page for itself. False: it has not. */
export function* dmirror_atomic_inc(dmirror: Dmirror, address: number): Steps<boolean> {
  yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
  const entry = yield* load(dmirror.pt[address]!, { label: 'xa_load(pt, pfn)' })
  const mine = (entry & 3) === DPT_XA_TAG_ATOMIC
  if (mine) {
    const { content } = kernel().page(entry >>> 2)
    const old = yield* load(content, { label: 'device LD' })
    yield* atomic('device ST', (m) => write_by_device(m, content, old + 1))
  }
  yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
  return mine
}
