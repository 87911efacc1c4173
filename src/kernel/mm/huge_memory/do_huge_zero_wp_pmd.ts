import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_range } from '../../../machine/flush.js'
import { VM_FAULT_FALLBACK, type VmFault } from '../../include/fault.js'
import { PG_uptodate } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { type Pmd, pte_mkdirty } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { pmd_align } from '../addr_end.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { check_stable_address_space } from '../oom_kill/check_stable_address_space.js'
import { alloc_hugepage } from '../page_alloc.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { pmdp_huge_get_and_clear } from '../pgtable_generic.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { clear_huge_page } from './clear_huge_page.js'
import { maybe_pmd_mkwrite, mk_huge_pmd } from './mk_huge_pmd.js'

/** mm/huge_memory.c:map_anon_folio_pmd_nopf. The table that was deposited for the zero page stays. */
function* map_anon_folio_pmd({ vma, pmdp, address }: VmFault, folio: Folio): Steps {
  const pmd = pte_mkdirty(mk_huge_pmd(folio, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  yield* page_add_new_anon_rmap(folio, vma, pmd_align(address))
  yield* lru_cache_add_inactive_or_unevictable(folio, vma)
  yield* set_pmd_at(pmdp, maybe_pmd_mkwrite(pmd, vm_flags))
}

/** mm/huge_memory.c:do_huge_zero_wp_pmd. A write to the huge zero page gets a huge page of its own, if there is one. */
export function* do_huge_zero_wp_pmd(vmf: VmFault, orig: Pmd): Steps<number> {
  const { mm, pmdp } = vmf
  const haddr = pmd_align(vmf.address)
  const end = haddr + kernel().geometry.ptrsPerPte
  const folio = yield* alloc_hugepage()
  if (!folio) return VM_FAULT_FALLBACK
  yield* clear_huge_page(folio)
  yield* setBits(folio.flags, PG_uptodate, { label: '__folio_mark_uptodate(folio)' })
  yield* mmu_notifier_invalidate_range_start(mm, haddr, end)
  yield* pmd_lock(mm)
  const same = (yield* pmdp_get(pmdp)) === orig
  const unstable = same ? yield* check_stable_address_space(mm) : 0
  if (same && !unstable) {
    yield* pmdp_huge_get_and_clear(mm, haddr, pmdp)
    yield* flush_tlb_range(mm, haddr, end)
    yield* map_anon_folio_pmd(vmf, folio)
  } else yield* folio_put(folio)
  yield* pmd_unlock(mm)
  yield* mmu_notifier_invalidate_range_end(mm, haddr, end)
  return unstable
}
