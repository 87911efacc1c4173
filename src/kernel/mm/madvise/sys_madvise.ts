import { atomic, load, store, type Steps } from '../../../engine/model/step.js'
import { EAGAIN, EINVAL, ENOMEM, EPERM, ERESTARTNOINTR } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import {
  VM_DONTCOPY, VM_HUGEPAGE, VM_HUGETLB, VM_IO, VM_LOCKED, VM_NOHUGEPAGE, VM_PFNMAP, VM_RAND_READ,
  VM_SEALED, VM_SEQ_READ, VM_SHARED, VM_UFFD_MISSING, VM_UFFD_WP, VM_WIPEONFORK, VM_WRITE,
} from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { may_be_discarded, promise, unmap_starts } from '../../observer.js'
import { faultin_vma_page_range } from '../gup/populate_vma_page_range.js'
import { madvise_collapse } from '../khugepaged/madvise_collapse.js'
import { ksm_madvise } from '../ksm/ksm_madvise.js'
import { zap_page_range_single, zap_vma_range_batched } from '../memory/unmap_page_range.js'
import type { ZapDetails } from '../memory/zap_pte_range.js'
import { find_vma_range, type VmaRange, vma_with_flags } from '../mmap/for_each_vma_part.js'
import { MADV } from './advice.js'
import { madvise_cold } from './madvise_cold.js'
import { madvise_guard_install, madvise_guard_remove } from './madvise_guard.js'
import { madvise_free_single_vma } from './madvise_free.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'
import type { MmuGather } from '../../percpu.js'
import { lock_vma_under_rcu } from '../mmap_lock/lock_vma_under_rcu.js'
import { per_vma_lock } from '../mmap_lock/per_vma_lock.js'
import { vma_end_read } from '../mmap_lock/vma_end_read.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'

const KNOWN: readonly number[] = Object.values(MADV)
/** Page tables that end up empty are given back, too. */
const DONTNEED: ZapDetails = { even_cows: true, reclaim_pt: true }
const GUARDS: readonly number[] = [MADV.GUARD_INSTALL, MADV.GUARD_REMOVE]
/** mm/madvise.c:madvise_need_mmap_write */
const READ_LOCKED: readonly number[] = [MADV.DONTNEED, MADV.FREE, MADV.COLD, MADV.PAGEOUT, MADV.POPULATE_READ, MADV.POPULATE_WRITE, MADV.COLLAPSE, ...GUARDS]

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

/** mm/madvise.c:is_discard */
const DISCARDS: readonly number[] = [MADV.FREE, MADV.DONTNEED, MADV.DONTFORK, MADV.WIPEONFORK, MADV.GUARD_INSTALL]

/** mm/madvise.c:can_madvise_modify. What is sealed is not thrown away by who cannot write to it. */
function* can_madvise_modify({ vma, vm_flags }: VmaRange, advice: number): Steps<boolean> {
  if (!(vm_flags & VM_SEALED) || vm_flags & VM_WRITE || !DISCARDS.includes(advice)) return true
  return !(yield* is_anonymous(vma))
}

/** mm/madvise.c:madvise_vma_behavior. 0 or a negative error number. `tlb`: the gather of the whole call, if it has one. */
export function* madvise_vma_behavior(mm: Mm, range: VmaRange, start: number, end: number, advice: number, tlb?: MmuGather): Steps<number> {
  const { vma, vm_flags } = range
  if (!(yield* can_madvise_modify(range, advice))) return -EPERM
  switch (advice) {
    case MADV.COLD:
    case MADV.PAGEOUT:
      if (vm_flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) return -EINVAL
      yield* madvise_cold(mm, vma, start, end, advice === MADV.PAGEOUT)
      return 0
    case MADV.DONTNEED:
      if (vm_flags & (VM_LOCKED | VM_PFNMAP)) return -EINVAL
      yield* unmap_starts(mm, start, end)
      if (tlb) yield* zap_vma_range_batched(mm, tlb, vma, start, end, DONTNEED)
      else {
        yield* zap_page_range_single(mm, vma, start, end, DONTNEED)
        yield* promise(mm, start, end, 'no access', 'MADV_DONTNEED')
      }
      return 0
    case MADV.FREE:
      if (vm_flags & (VM_LOCKED | VM_PFNMAP) || !(yield* is_anonymous(vma))) return -EINVAL
      yield* may_be_discarded(mm, start, end)
      yield* madvise_free_single_vma(mm, vma, start, end, tlb)
      yield* may_be_discarded(mm, start, end)
      return 0
    case MADV.POPULATE_READ:
    case MADV.POPULATE_WRITE: return yield* madvise_populate(mm, vma, start, end, advice === MADV.POPULATE_WRITE)
    case MADV.COLLAPSE: return yield* madvise_collapse(mm, vma, start, end)
    case MADV.GUARD_INSTALL: return yield* madvise_guard_install(mm, vma, start, end)
    case MADV.GUARD_REMOVE: return yield* madvise_guard_remove(mm, vma, start, end)
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
export function* madvise_walk_vmas(mm: Mm, start: number, end: number, advice: number, tlb?: MmuGather): Steps<number> {
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
    const error: number = yield* madvise_vma_behavior(mm, range, at, next, advice, tlb)
    if (error) return error === -ENOMEM && !READ_LOCKED.includes(advice) ? -EAGAIN : error
    at = next
  }
  return unmapped
}

/** mm/madvise.c:is_vma_lock_sufficient */
const is_vma_lock_sufficient = (vma: Vma, end: number) => atomic('is_vma_lock_sufficient(vma)', (m) => {
  const armed = kernel().geometry.userfaultfds > 0 && (m.get(vma.vm_flags) & (VM_UFFD_MISSING | VM_UFFD_WP)) !== 0
  return m.get(vma.vm_end) < end || armed ? undefined : { vma, start: m.get(vma.vm_start), end: m.get(vma.vm_end), vm_flags: m.get(vma.vm_flags) }
})

/** mm/madvise.c:try_vma_read_lock. Undefined: the mmap_lock is needed, because there are several VMAs, or because somebody is told of faults. */
export function* try_vma_read_lock(mm: Mm, start: number, end: number): Steps<VmaRange | undefined> {
  if (!per_vma_lock() || !has('madvise-vma-lock')) return undefined
  const vma = yield* lock_vma_under_rcu(mm, start)
  const range = vma && (yield* is_vma_lock_sufficient(vma, end))
  if (vma && !range) yield* vma_end_read(vma)
  return range
}

/** With the lock of one VMA only, if that will do, which is dropped before the gather of the call is finished; or with the mmap_lock, kept until then. */
function* madvise_zap(mm: Mm, start: number, end: number, advice: number): Steps<number> {
  const tlb = has('madvise-shared-gather') ? yield* tlb_gather_mmu(mm) : undefined
  const range = yield* try_vma_read_lock(mm, start, end)
  let result: number
  if (range) {
    result = yield* madvise_vma_behavior(mm, range, start, end, advice, tlb)
    yield* vma_end_read(range.vma)
  } else {
    yield* mmap_read_lock(mm)
    result = yield* madvise_walk_vmas(mm, start, end, advice, tlb)
  }
  if (tlb) yield* tlb_finish_mmu(mm, tlb)
  if (!range) yield* mmap_read_unlock(mm)
  if (tlb && advice === MADV.DONTNEED && result === 0) yield* promise(mm, start, end, 'no access', 'MADV_DONTNEED')
  return result
}

/** The first guard page of private memory makes an anon_vma, for which a lock of the VMA is not enough. */
function* prepares_anon_vma(vma: Vma, advice: number): Steps<boolean> {
  if (advice !== MADV.GUARD_INSTALL || !(yield* is_anonymous(vma))) return false
  return (yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) === 0
}

/** With the lock of one VMA only. Undefined: that will not do. */
function* guard_under_vma_lock(mm: Mm, start: number, end: number, advice: number): Steps<number | undefined> {
  const range = yield* try_vma_read_lock(mm, start, end)
  if (!range) return undefined
  const enough = !(yield* prepares_anon_vma(range.vma, advice))
  const result = enough ? yield* madvise_vma_behavior(mm, range, start, end, advice) : undefined
  yield* vma_end_read(range.vma)
  return result
}

/** Begins again where too much came in between. */
function* madvise_guard(mm: Mm, start: number, end: number, advice: number): Steps<number> {
  for (;;) {
    let result = yield* guard_under_vma_lock(mm, start, end, advice)
    if (result === undefined) {
      yield* mmap_read_lock(mm)
      result = yield* madvise_walk_vmas(mm, start, end, advice)
      yield* mmap_read_unlock(mm)
    }
    if (result !== -ERESTARTNOINTR) return result
  }
}

/** madvise(), `len` pages. 0 or a negative error number. */
export function* sys_madvise(mm: Mm, start: number, len: number, advice: number): Steps<number> {
  if (!KNOWN.includes(advice) || (GUARDS.includes(advice) && !has('guard-regions'))) return -EINVAL
  if (len <= 0) return 0
  if (advice === MADV.DONTNEED || advice === MADV.FREE) return yield* madvise_zap(mm, start, start + len, advice)
  if (GUARDS.includes(advice)) return yield* madvise_guard(mm, start, start + len, advice)
  const read = READ_LOCKED.includes(advice)
  if (read) yield* mmap_read_lock(mm)
  else yield* mmap_write_lock(mm)
  const populates = has('populate-range') && (advice === MADV.POPULATE_READ || advice === MADV.POPULATE_WRITE)
  const result = yield* populates ? madvise_populate_range(mm, start, start + len, advice) : madvise_walk_vmas(mm, start, start + len, advice)
  if (read) yield* mmap_read_unlock(mm)
  else yield* mmap_write_unlock(mm)
  return result
}
