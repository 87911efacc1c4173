import type { Cell } from '../../../engine/model/memory.js'
import { fetchAdd, load, setBits, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty } from '../../include/page_flags.js'
import { PAGE_MAPPING_ANON } from '../../include/page.js'
import { is_swap_pmd, pmd_pfn, pmd_present, pmd_trans_huge, pte_dirty } from '../../include/pgtable.js'
import { swp_offset } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import type { MmuGather } from '../../percpu.js'
import { __tlb_remove_page, tlb_flush_mmu, tlb_flush_mmu_tlbonly, tlb_flush_pte_range } from '../mmu_gather/mmu_gather.js'
import { pmd_lock, pmd_unlock, pmdp_get, pte_free } from '../pgtable.js'
import { pgtable_trans_huge_withdraw, pmdp_huge_get_and_clear } from '../pgtable_generic.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { vma_is_special_huge } from './vma_is_special_huge.js'

/** mm/huge_memory.c:zap_deposited_table */
export function* zap_deposited_table(mm: Mm): Steps {
  yield* pte_free(yield* pgtable_trans_huge_withdraw(mm))
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_ptes(mm)' })
}

/** mm/huge_memory.c:zap_huge_pmd. False if it is not huge any more. */
export function* zap_huge_pmd(mm: Mm, tlb: MmuGather, vma: Vma, pmdp: Cell, address: number): Steps<boolean> {
  yield* pmd_lock(mm)
  const seen = yield* pmdp_get(pmdp)
  if (!is_swap_pmd(seen) && !pmd_trans_huge(seen)) {
    yield* pmd_unlock(mm)
    return false
  }
  const pmd = yield* pmdp_huge_get_and_clear(mm, address, pmdp)
  yield* tlb_flush_pte_range(tlb, address, address + kernel().geometry.ptrsPerPte)
  if (yield* vma_is_special_huge(vma)) {
    yield* pmd_unlock(mm)
    return true
  }
  if (pmd_pfn(pmd) === kernel().memory.hugeZeroPage.pfn) {
    yield* zap_deposited_table(mm)
    yield* pmd_unlock(mm)
    return true
  }
  const page = kernel().page(pmd_present(pmd) ? pmd_pfn(pmd) : swp_offset(pmd))
  // As of small entries since 5df397dec7c4: mapped, for page_mkclean(), for as long as a CPU may write to it.
  if (has('huge-zap-flushes-first') && pmd_present(pmd) && pte_dirty(pmd)) yield* tlb_flush_mmu_tlbonly(mm, tlb)
  if (pmd_present(pmd)) yield* page_remove_rmap(page, vma, true)
  if ((yield* load(page.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON) yield* zap_deposited_table(mm)
  else if (pmd_present(pmd) && pte_dirty(pmd)) yield* setBits(page.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  yield* pmd_unlock(mm)
  if (pmd_present(pmd) && (yield* __tlb_remove_page(tlb, page))) yield* tlb_flush_mmu(mm, tlb)
  return true
}
