import { load, setBits, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { pte_dirty, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import { HPAGE_RESV_UNMAPPED } from '../../include/resv_map.js'
import { VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write } from '../../locking/rwsem.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import {
  __tlb_remove_page, tlb_end_vma, tlb_finish_mmu, tlb_flush_mmu, tlb_flush_pte_range, tlb_gather_mmu,
} from '../mmu_gather/mmu_gather.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get, set_huge_pte_at } from './huge_pte.js'
import { huge_pmd_unshare, huge_pmd_unshare_flush, i_mmap_unlock_unshared } from './huge_pmd_unshare.js'
import { __hugetlb_vma_unlock_write_free, hugetlb_vma_lock_write, hugetlb_vma_unlock_write } from './hugetlb_vma_lock.js'

/** mm/hugetlb.c:adjust_range_if_pmd_sharing_possible: what subscribers are told if a whole table may go. */
export function* range_with_shared(vma: Vma, start: number, end: number): Steps<readonly [number, number]> {
  const size = kernel().geometry.ptrsPerPte
  if (!kernel().profile.hugePmdShare) return [start, end]
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_MAYSHARE' })) & VM_MAYSHARE)) return [start, end]
  const from = Math.ceil((yield* load(vma.vm_start, { label: 'vma->vm_start' })) / size) * size
  const to = Math.floor((yield* load(vma.vm_end, { label: 'vma->vm_end' })) / size) * size
  if (from >= to || end <= from || start >= to) return [start, end]
  return [start > from ? Math.floor(start / size) * size : start, end < to ? Math.ceil(end / size) * size : end]
}

/** What became of one entry: a page to be freed when the lock is dropped, nothing, or its whole table went. */
type Unmapped = Page | 'none' | 'unshared'

function* unmap_locked(mm: Mm, vma: Vma, tlb: MmuGather, address: number, pte: HugePte, only?: Page): Steps<Unmapped> {
  if (yield* huge_pmd_unshare(tlb, mm, address, pte)) return 'unshared'
  const seen = yield* huge_ptep_get(pte.ptep)
  if (pte_none(seen)) return 'none'
  if (!pte_present(seen)) {
    yield* set_huge_pte_at(pte.ptep, 0)
    return 'none'
  }
  if (only && pte_pfn(seen) !== only.pfn) return 'none'
  if (only) yield* setBits(vma.vm_private_data, HPAGE_RESV_UNMAPPED, { label: 'set_vma_resv_flags(HPAGE_RESV_UNMAPPED)' })
  const entry = yield* ptep_get_and_clear(mm, address, pte.ptep)
  const page = kernel().page(pte_pfn(entry))
  yield* tlb_flush_pte_range(tlb, address, address + 1)
  if (pte_dirty(entry)) yield* setBits(page.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  yield* page_remove_rmap(page, vma, true)
  return page
}

/** One entry. Returns the address to go on from. */
function* unmap_entry(mm: Mm, vma: Vma, tlb: MmuGather, address: number, only?: Page): Steps<number> {
  const pte = yield* huge_pte_offset(mm, address)
  if (!pte) return pmd_addr_end(address, Infinity)
  yield* huge_pte_lock(pte)
  const gone = yield* unmap_locked(mm, vma, tlb, address, pte, only)
  yield* huge_pte_unlock(pte)
  if (typeof gone !== 'string' && (yield* __tlb_remove_page(tlb, gone))) yield* tlb_flush_mmu(mm, tlb)
  return gone === 'unshared' ? pmd_addr_end(address, Infinity) : address + 1
}

/** mm/hugetlb.c:__unmap_hugepage_range. The lock of the VMA and i_mmap_rwsem are held for writing. `only`: that page, at one address. */
export function* __unmap_hugepage_range(mm: Mm, vma: Vma, tlb: MmuGather, start: number, end: number, only?: Page): Steps {
  const [from, to] = yield* range_with_shared(vma, start, end)
  yield* mmu_notifier_invalidate_range_start(mm, from, to)
  for (let at = start; at < end;) at = yield* unmap_entry(mm, vma, tlb, at, only)
  yield* mmu_notifier_invalidate_range_end(mm, from, to)
  yield* tlb_end_vma(mm, tlb)
  yield* huge_pmd_unshare_flush(mm, tlb)
}

/** mm/hugetlb.c:unmap_hugepage_range. */
export function* unmap_hugepage_range(vma: Vma, start: number, end: number, only?: Page): Steps {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const tlb = yield* tlb_gather_mmu(mm)
  yield* __unmap_hugepage_range(mm, vma, tlb, start, end, only)
  yield* tlb_finish_mmu(mm, tlb)
}

/** mm/hugetlb.c:__unmap_hugepage_range_final. `final`: the VMA goes (ZAP_FLAG_UNMAP), and shares no tables any more. */
export function* __unmap_hugepage_range_final(mm: Mm, tlb: MmuGather, vma: Vma, start: number, end: number, final: boolean): Steps {
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  yield* hugetlb_vma_lock_write(vma)
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* __unmap_hugepage_range(mm, vma, tlb, start, end)
  if (final) yield* __hugetlb_vma_unlock_write_free(vma)
  yield* i_mmap_unlock_unshared(mapping, tlb)
  if (!final) yield* hugetlb_vma_unlock_write(vma)
}
