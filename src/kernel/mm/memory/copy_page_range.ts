import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import type { Page } from '../../include/page.js'
import { is_swap_pmd, type Pmd, pmd_none, pmd_trans_huge, pte_none, pte_present } from '../../include/pgtable.js'
import { is_device_exclusive_entry } from '../../include/swapops.js'
import { VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { has } from '../../kernel.js'
import { pmd_addr_end } from '../addr_end.js'
import { copy_huge_pmd } from '../huge_memory/copy_huge_pmd.js'
import { copy_hugetlb_page_range } from '../hugetlb/copy_hugetlb_page_range.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { alloc_page } from '../page_alloc.js'
import { pmd_offset, pmdp_get, pte_alloc, pte_lockptr, pte_offset_map, ptep_get } from '../pgtable.js'
import { folio_put } from '../swap/folio_put.js'
import { try_restore_exclusive_pte } from './device_exclusive.js'
import { pte_map_may_fail, pte_offset_map_nolock, pte_unmap } from './pte_lock.js'
import { copy_nonpresent_pte, copy_present_pte, type Copied, type ForkVmas, is_cow_mapping, write_seqcount_begin, write_seqcount_end } from './copy_pte.js'

function* copy_pte(fork: ForkVmas, dst: Cell, src: Cell, address: number, prealloc: Page | undefined): Steps<Copied> {
  const pte = yield* ptep_get(src)
  if (pte_none(pte)) return 'done'
  if (pte_present(pte)) return yield* copy_present_pte(fork, dst, src, pte, address, prealloc)
  if (is_device_exclusive_entry(pte)) {
    if (!(yield* try_restore_exclusive_pte(fork.src_vma, address, src, pte))) return 'busy'
    return yield* copy_present_pte(fork, dst, src, yield* ptep_get(src), address, prealloc)
  }
  yield* copy_nonpresent_pte(fork, dst, src, pte)
  return 'done'
}

/** Returned instead of an address: fork() fails. */
const BUSY = -1

/** One hold of the two page-table locks: up to the first entry that needs a page to copy to. BUSY: a device has a page locked. */
function* copy_locked(
  fork: ForkVmas, dst: Pmd, src_pmdp: Cell, seen: Pmd, address: number, end: number, prealloc: Page | undefined,
): Steps<number> {
  yield* spin_lock(pte_lockptr(dst), 'spin_lock(dst_ptl)')
  const src = yield* source_table(src_pmdp, seen)
  if (src === undefined) {
    yield* spin_unlock(pte_lockptr(dst), 'spin_unlock(dst_ptl)')
    if (prealloc) yield* folio_put(prealloc)
    return end
  }
  yield* spin_lock(pte_lockptr(src), 'spin_lock(src_ptl)', SINGLE_DEPTH_NESTING)
  yield* pte_unmap()
  yield* arch_enter_lazy_mmu_mode()
  let spare = prealloc
  let at = address
  let busy = false
  for (; at < end; at++) {
    const copied = yield* copy_pte(fork, pte_offset_map(dst, at), pte_offset_map(src, at), at, spare)
    if (copied === 'again') break
    busy = copied === 'busy'
    if (busy) break
    if (copied === 'used') spare = undefined
    else if (spare) {
      yield* folio_put(spare)
      spare = undefined
    }
  }
  yield* arch_leave_lazy_mmu_mode()
  yield* spin_unlock(pte_lockptr(src), 'spin_unlock(src_ptl)')
  yield* spin_unlock(pte_lockptr(dst), 'spin_unlock(dst_ptl)')
  if (busy && spare) yield* folio_put(spare)
  return busy ? BUSY : at
}

/** The parent's table. Whoever holds the mmap_lock for writing need not look at the PMD again when it is locked. */
function* source_table(src_pmdp: Cell, seen: Pmd): Steps<Pmd | undefined> {
  return pte_map_may_fail() ? yield* pte_offset_map_nolock(src_pmdp) : seen
}

/** mm/memory.c:copy_pte_range. False: -EBUSY. */
export function* copy_pte_range(fork: ForkVmas, src_pmdp: Cell, src: Pmd, address: number, end: number): Steps<boolean> {
  const dst_pmdp = pmd_offset(fork.dst_mm, address)
  yield* pte_alloc(fork.dst_mm, dst_pmdp)
  const dst = yield* pmdp_get(dst_pmdp)
  let prealloc: Page | undefined
  for (let at = address; at < end;) {
    at = yield* copy_locked(fork, dst, src_pmdp, src, at, end, prealloc)
    if (at === BUSY) return false
    prealloc = at < end ? yield* alloc_page() : undefined
    if (at < end && !prealloc) throw new Error('out of pages in fork()')
  }
  return true
}

/** mm/memory.c:copy_pmd_range, one entry. A huge page that may be pinned is split and copied by small pages. */
export function* copy_pmd_range(fork: ForkVmas, address: number, next: number): Steps<boolean> {
  const src_pmdp = pmd_offset(fork.src_mm, address)
  const pmd = yield* pmdp_get(src_pmdp)
  if ((is_swap_pmd(pmd) || pmd_trans_huge(pmd)) && (yield* copy_huge_pmd(fork, src_pmdp, address))) return true
  const table = yield* pmdp_get(src_pmdp)
  return pmd_none(table) || (yield* copy_pte_range(fork, src_pmdp, table, address, next))
}

/**
 * mm/memory.c:copy_page_range, in fork(). write_protect_seq is odd while the parent's entries lose their write
 * permission, so that fast GUP gives up. The TLB is flushed later, once for all VMAs. False: fork() fails.
 */
export function* copy_page_range(fork: ForkVmas): Steps<boolean> {
  const { src_mm, src_vma, vm_flags } = fork
  const needed = vm_flags & (VM_PFNMAP | VM_MIXEDMAP) || (yield* load(src_vma.anon_vma, { label: 'src_vma->anon_vma' }))
  const hugetlb = yield* is_vm_hugetlb_page(src_vma)
  if (!needed && !(hugetlb && !has('bcd51a3c679d'))) return true
  const start = yield* load(src_vma.vm_start, { label: 'vma->vm_start' })
  const end = yield* load(src_vma.vm_end, { label: 'vma->vm_end' })
  if (hugetlb) return yield* copy_hugetlb_page_range(fork, start, end)
  const cow = is_cow_mapping(vm_flags)
  if (cow) {
    yield* mmu_notifier_invalidate_range_start(src_mm, start, end)
    if (!has('mutant-seqcount-late')) yield* write_seqcount_begin(src_mm)
  }
  let copied = true
  for (let at = start; at < end && copied;) {
    const next = pmd_addr_end(at, end)
    copied = yield* copy_pmd_range(fork, at, next)
    at = next
  }
  if (cow) {
    if (has('mutant-seqcount-late')) yield* write_seqcount_begin(src_mm)
    yield* write_seqcount_end(src_mm)
    yield* mmu_notifier_invalidate_range_end(src_mm, start, end)
  }
  return copied
}
