import { load, store, type Steps } from '../../../engine/model/step.js'
import { EAGAIN, EINVAL, ENOMEM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import {
  VM_DONTCOPY, VM_HUGEPAGE, VM_HUGETLB, VM_IO, VM_LOCKED, VM_NOHUGEPAGE, VM_PFNMAP, VM_RAND_READ, VM_SEQ_READ, VM_SHARED,
  VM_WIPEONFORK,
} from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { may_be_discarded, promise, unmap_starts } from '../../observer.js'
import { faultin_vma_page_range } from '../gup/populate_vma_page_range.js'
import { madvise_collapse } from '../khugepaged/madvise_collapse.js'
import { ksm_madvise } from '../ksm/ksm_madvise.js'
import { zap_page_range_single } from '../memory/unmap_page_range.js'
import { find_vma_range, type VmaRange, vma_with_flags } from '../mmap/for_each_vma_part.js'
import { MADV } from './advice.js'
import { madvise_cold } from './madvise_cold.js'
import { madvise_free_single_vma } from './madvise_free.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

const KNOWN: readonly number[] = Object.values(MADV)
/** mm/madvise.c:madvise_need_mmap_write */
const READ_LOCKED: readonly number[] = [MADV.DONTNEED, MADV.FREE, MADV.COLD, MADV.PAGEOUT, MADV.POPULATE_READ, MADV.POPULATE_WRITE, MADV.COLLAPSE]

/** The new vm_flags for advice that only changes those, or a negative error number. */
function* new_flags(mm: Mm, range: VmaRange, start: number, end: number, advice: number): Steps<number | undefined> {
  const flags = range.vm_flags
  switch (advice) {
    case MADV.NORMAL: return flags & ~(VM_RAND_READ | VM_SEQ_READ)
    case MADV.SEQUENTIAL: return (flags & ~VM_RAND_READ) | VM_SEQ_READ
    case MADV.RANDOM: return (flags & ~VM_SEQ_READ) | VM_RAND_READ
    case MADV.DONTFORK: return flags | VM_DONTCOPY
    case MADV.DOFORK: return flags & VM_IO ? undefined : flags & ~VM_DONTCOPY
    case MADV.KEEPONFORK: return flags & ~VM_WIPEONFORK
    case MADV.HUGEPAGE: return (flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE
    case MADV.NOHUGEPAGE: return (flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE
    case MADV.WIPEONFORK: {
      const file = yield* load(range.vma.vm_file, { label: 'vma->vm_file' })
      return file || flags & VM_SHARED ? undefined : flags | VM_WIPEONFORK
    }
    case MADV.MERGEABLE:
    case MADV.UNMERGEABLE: return yield* ksm_madvise(mm, range.vma, start, end, advice === MADV.MERGEABLE, flags)
    default: return undefined
  }
}

/** mm/madvise.c:madvise_update_vma */
export function* madvise_update_vma(mm: Mm, range: VmaRange, start: number, end: number, flags: number): Steps {
  if (flags === range.vm_flags) return
  const vma = yield* vma_with_flags(mm, range, start, end, flags)
  yield* vma_start_write(vma)
  yield* store(vma.vm_flags, flags, { label: 'vma->vm_flags = new_flags' })
}

/** mm/madvise.c:madvise_populate. Done, or a negative error number. */
export function* madvise_populate(mm: Mm, vma: Vma, start: number, end: number, write: boolean): Steps<number> {
  for (let at = start; at < end;) {
    const done = yield* faultin_vma_page_range(mm, vma, at, end, write)
    if (done < 0) return done
    at += done
  }
  return 0
}

function* is_anonymous(vma: Vma): Steps<boolean> {
  return (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) === 0
}

/** mm/madvise.c:madvise_vma_behavior. 0 or a negative error number. */
export function* madvise_vma_behavior(mm: Mm, range: VmaRange, start: number, end: number, advice: number): Steps<number> {
  const { vma, vm_flags } = range
  switch (advice) {
    case MADV.COLD:
    case MADV.PAGEOUT:
      if (vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) return -EINVAL
      yield* madvise_cold(mm, vma, start, end, advice === MADV.PAGEOUT)
      return 0
    case MADV.DONTNEED:
      if (vm_flags & (VM_LOCKED | VM_PFNMAP)) return -EINVAL
      yield* unmap_starts(mm, start, end)
      yield* zap_page_range_single(mm, vma, start, end)
      yield* promise(mm, start, end, 'no access', 'MADV_DONTNEED')
      return 0
    case MADV.FREE:
      if (vm_flags & (VM_LOCKED | VM_PFNMAP) || !(yield* is_anonymous(vma))) return -EINVAL
      yield* may_be_discarded(mm, start, end)
      yield* madvise_free_single_vma(mm, vma, start, end)
      yield* may_be_discarded(mm, start, end)
      return 0
    case MADV.POPULATE_READ:
    case MADV.POPULATE_WRITE: return yield* madvise_populate(mm, vma, start, end, advice === MADV.POPULATE_WRITE)
    case MADV.COLLAPSE: return yield* madvise_collapse(mm, vma, start, end)
    default: {
      const flags = yield* new_flags(mm, range, start, end, advice)
      if (flags === undefined) return -EINVAL
      yield* madvise_update_vma(mm, range, start, end, flags)
      return 0
    }
  }
}

/** mm/madvise.c:madvise_populate of a whole range, which stops at the first hole. */
function* madvise_populate_range(mm: Mm, start: number, end: number, advice: number): Steps<number> {
  for (let at = start; at < end;) {
    const range = yield* find_vma_range(mm, at)
    if (!range || at < range.start) return -ENOMEM
    const next = Math.min(range.end, end)
    const error = yield* madvise_populate(mm, range.vma, at, next, advice === MADV.POPULATE_WRITE)
    if (error) return error
    at = next
  }
  return 0
}

/** mm/madvise.c:madvise_walk_vmas. Holes are skipped and make the result -ENOMEM. */
export function* madvise_walk_vmas(mm: Mm, start: number, end: number, advice: number): Steps<number> {
  let unmapped = 0
  let at = start
  while (at < end) {
    const range = yield* find_vma_range(mm, at)
    if (!range) return -ENOMEM
    if (at < range.start) {
      unmapped = -ENOMEM
      at = range.start
      if (at >= end) break
    }
    const next = Math.min(range.end, end)
    const error: number = yield* madvise_vma_behavior(mm, range, at, next, advice)
    if (error) return error === -ENOMEM && !READ_LOCKED.includes(advice) ? -EAGAIN : error
    at = next
  }
  return unmapped
}

/** madvise(), `len` pages. 0 or a negative error number. */
export function* sys_madvise(mm: Mm, start: number, len: number, advice: number): Steps<number> {
  if (!KNOWN.includes(advice)) return -EINVAL
  if (len <= 0) return 0
  const read = READ_LOCKED.includes(advice)
  if (read) yield* mmap_read_lock(mm)
  else yield* mmap_write_lock(mm)
  const populates = has('populate-range') && (advice === MADV.POPULATE_READ || advice === MADV.POPULATE_WRITE)
  const result = yield* populates ? madvise_populate_range(mm, start, start + len, advice) : madvise_walk_vmas(mm, start, start + len, advice)
  if (read) yield* mmap_read_unlock(mm)
  else yield* mmap_write_unlock(mm)
  return result
}
