import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { is_swap_pmd, pmd_none, pmd_trans_huge } from '../../include/pgtable.js'
import { VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { zap_huge_pmd } from '../huge_memory/zap_huge_pmd.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { __unmap_hugepage_range_final } from '../hugetlb/unmap_hugepage_range.js'
import { tlb_end_vma, tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get } from '../pgtable.js'
import { vma_is_dax } from '../vma_is_dax.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { store } from '../../../engine/model/step.js'
import { type ZapDetails, zap_pte_range } from './zap_pte_range.js'

/** mm/memory.c:zap_pmd_range, one entry. It is looked at again if its table goes before all of it is zapped. */
export function* zap_pmd_range(mm: Mm, tlb: MmuGather, vma: Vma, address: number, next: number, details?: ZapDetails): Steps {
  for (let at = address; at < next;) at = yield* zap_pmd(mm, tlb, vma, at, next, details)
}

/** One look. Returns the address that it got to. */
function* zap_pmd(mm: Mm, tlb: MmuGather, vma: Vma, address: number, next: number, details?: ZapDetails): Steps<number> {
  const pmdp = pmd_offset(mm, address)
  const pmd = yield* pmdp_get(pmdp)
  const whole = next - address === kernel().geometry.ptrsPerPte
  if (is_swap_pmd(pmd) || pmd_trans_huge(pmd)) {
    if (!whole) yield* __split_huge_pmd(mm, vma, pmdp, address, false)
    else if (yield* zap_huge_pmd(mm, tlb, vma, pmdp, address)) return next
  } else if (details?.single_folio && whole && pmd_none(pmd)) {
    yield* pmd_lock(mm)
    yield* pmd_unlock(mm)
  }
  const table = yield* pmd_of_table(pmdp)
  return table === undefined ? next : yield* zap_pte_range(mm, tlb, vma, pmdp, table, address, next, details)
}

/** mm/memory.c:unmap_page_range and tlb_start_vma() … tlb_end_vma() around it. */
export function* unmap_page_range(mm: Mm, tlb: MmuGather, vma: Vma, address: number, end: number, details?: ZapDetails): Steps {
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const dax = has('flush-dax-vmas') && (yield* vma_is_dax(vma))
  const pfn = dax || (flags & (VM_PFNMAP | VM_MIXEDMAP)) !== 0
  if (pfn && !(yield* load(tlb.fullmm, { label: 'tlb->fullmm' }))) yield* store(tlb.vma_pfn, 1, { label: 'tlb->vma_pfn = 1' })
  for (let at = address; at < end;) {
    const next = pmd_addr_end(at, end)
    yield* zap_pmd_range(mm, tlb, vma, at, next, details)
    at = next
  }
  yield* tlb_end_vma(mm, tlb)
}

/** mm/memory.c:unmap_single_vma. `final`: the VMA goes, not only its pages. */
export function* unmap_single_vma(
  mm: Mm, tlb: MmuGather, vma: Vma, start: number, end: number, final: boolean, details?: ZapDetails,
): Steps {
  if (yield* is_vm_hugetlb_page(vma)) yield* __unmap_hugepage_range_final(mm, tlb, vma, start, end, final)
  else yield* unmap_page_range(mm, tlb, vma, start, end, details)
}

const GONE: ZapDetails = { even_cows: true, drop_marker: true }

/** mm/memory.c:unmap_vmas. `vmas` are detached from the mm already. Note that MN.end comes before the last flush. */
export function* unmap_vmas(mm: Mm, tlb: MmuGather, vmas: readonly Vma[], start: number, end: number): Steps {
  yield* mmu_notifier_invalidate_range_start(mm, start, end, 'unmap')
  for (const vma of vmas) {
    const from = Math.max(yield* load(vma.vm_start, { label: 'vma->vm_start' }), start)
    const to = Math.min(yield* load(vma.vm_end, { label: 'vma->vm_end' }), end)
    if (from < to) yield* unmap_single_vma(mm, tlb, vma, from, to, true, has('guard-regions') ? GONE : undefined)
  }
  yield* mmu_notifier_invalidate_range_end(mm, start, end)
}

/** mm/memory.c:zap_vma_range_batched: with a gather of the caller, who finishes it. */
export function* zap_vma_range_batched(mm: Mm, tlb: MmuGather, vma: Vma, start: number, end: number, details?: ZapDetails): Steps {
  yield* mmu_notifier_invalidate_range_start(mm, start, end)
  yield* unmap_single_vma(mm, tlb, vma, start, end, false, details)
  yield* mmu_notifier_invalidate_range_end(mm, start, end)
  if (!(yield* is_vm_hugetlb_page(vma))) return
  yield* tlb_finish_mmu(mm, tlb)
  yield* tlb_gather_mmu(mm)
}

/** mm/memory.c:zap_page_range_single */
export function* zap_page_range_single(mm: Mm, vma: Vma, start: number, end: number, details?: ZapDetails): Steps {
  if (!has('unmap-without-drain')) yield* lru_add_drain()
  const tlb = yield* tlb_gather_mmu(mm)
  yield* mmu_notifier_invalidate_range_start(mm, start, end)
  yield* unmap_single_vma(mm, tlb, vma, start, end, false, details)
  yield* mmu_notifier_invalidate_range_end(mm, start, end)
  yield* tlb_finish_mmu(mm, tlb)
}
