import { write_by_device } from '../write_by_device.js'
import { atomic, load, type Steps, store } from '../../../engine/model/step.js'
import { EBUSY, EFAULT, ENOENT } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { HMM_PFN_ERROR, HMM_PFN_WRITE, hmm_pfn_to_pfn, hmm_range_fault } from '../../mm/hmm.js'
import { mmu_interval_read_begin, mmu_interval_read_retry } from '../../mm/mmu_interval_notifier.js'
import { BACKING_PAGE } from './devmem.js'
import { type Dmirror, DPT_XA_TAG_WRITE } from './dmirror.js'

/** What could be read: bytes, up to the first that is not mapped; then `error` is -ENOENT. */
export interface DmirrorRead {
  readonly values: readonly number[]
  readonly error: number
}

/** lib/test_hmm.c:dmirror_do_read, under the mutex: through the device's own page table. */
export function* dmirror_do_read(dmirror: Dmirror, start: number, end: number): Steps<DmirrorRead> {
  const values: number[] = []
  for (let at = start; at < end; at++) {
    const entry = yield* load(dmirror.pt[at]!, { label: 'xa_load(pt, pfn)' })
    if (!entry) return { values, error: -ENOENT }
    values.push(yield* load(kernel().page(entry >>> 2).content, { label: 'device LD' }))
  }
  return { values, error: 0 }
}

/** lib/test_hmm.c:dmirror_do_write. Number of pages written before the first that is not writable. */
export function* dmirror_do_write(dmirror: Dmirror, start: number, end: number, value: number): Steps<number> {
  for (let at = start; at < end; at++) {
    const entry = yield* load(dmirror.pt[at]!, { label: 'xa_load(pt, pfn)' })
    if (!entry || (entry & 3) !== DPT_XA_TAG_WRITE) return at - start
    const { content } = kernel().page(entry >>> 2)
    yield* atomic('device ST', (m) => write_by_device(m, content, value))
  }
  return end - start
}

/**
 * lib/test_hmm.c:dmirror_do_fault, under the mutex: fills the device's page table. For private memory 6.1 stores the
 * device's own page, which has no content; here it is the page that stands for it, as in later kernels.
 */
export function* dmirror_do_fault(dmirror: Dmirror, start: number, pfns: readonly number[], write: boolean): Steps<number> {
  for (const [i, hmm_pfn] of pfns.entries()) {
    if (write && !(hmm_pfn & HMM_PFN_WRITE)) return -EFAULT
    if (hmm_pfn & HMM_PFN_ERROR) return -EFAULT
    const page = yield* BACKING_PAGE(kernel().page(hmm_pfn_to_pfn(hmm_pfn)))
    const tag = hmm_pfn & HMM_PFN_WRITE ? DPT_XA_TAG_WRITE : 0
    yield* store(dmirror.pt[start + i]!, page.pfn * 4 + tag, { label: 'xa_store(pt, pfn)' })
  }
  return 0
}

/**
 * lib/test_hmm.c:dmirror_range_fault, one try. What hmm_range_fault() found holds only if, under the lock that the
 * callback takes, nothing was invalidated since. -EBUSY: again.
 */
function* try_fault(dmirror: Dmirror, mm: Mm, start: number, end: number, write: boolean): Steps<number> {
  const notifier_seq = yield* mmu_interval_read_begin(dmirror.notifier, mm)
  yield* mmap_read_lock(mm)
  const range = { notifier: dmirror.notifier, notifier_seq, start, end, fault: true, write, owner: dmirror.mdevice.pagemap }
  const found = yield* hmm_range_fault(mm, range)
  yield* mmap_read_unlock(mm)
  if (typeof found === 'number') return found
  yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
  const retry = yield* mmu_interval_read_retry(dmirror.notifier, notifier_seq)
  const result = retry ? -EBUSY : yield* dmirror_do_fault(dmirror, start, found, write)
  yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
  return result
}

/** lib/test_hmm.c:dmirror_fault: makes the device's page table like the CPU's for a range. 0, or an error number. */
export function* dmirror_fault(dmirror: Dmirror, mm: Mm, start: number, end: number, write: boolean): Steps<number> {
  if (!(yield* mmget_not_zero(mm))) return -EFAULT
  let result = -EBUSY
  while (result === -EBUSY) result = yield* try_fault(dmirror, mm, start, end, write)
  yield* mmput(mm)
  return result
}

/** lib/test_hmm.c:dmirror_read: reads `npages` pages as the device does. Their bytes, or an error number. */
export function* dmirror_read(dmirror: Dmirror, mm: Mm, start: number, npages: number): Steps<number | readonly number[]> {
  let values: readonly number[] = []
  for (;;) {
    yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
    const read = yield* dmirror_do_read(dmirror, start + values.length, start + npages)
    yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
    values = [...values, ...read.values]
    if (!read.error) return values
    const error = yield* dmirror_fault(dmirror, mm, start + values.length, start + npages, false)
    if (error) return error
  }
}

/** lib/test_hmm.c:dmirror_write: the device stores `value` in each page. 0, or an error number. */
export function* dmirror_write(dmirror: Dmirror, mm: Mm, start: number, npages: number, value: number): Steps<number> {
  for (let at = start; ;) {
    yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
    at += yield* dmirror_do_write(dmirror, at, start + npages, value)
    yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
    if (at === start + npages) return 0
    const error = yield* dmirror_fault(dmirror, mm, at, start + npages, true)
    if (error) return error
  }
}
