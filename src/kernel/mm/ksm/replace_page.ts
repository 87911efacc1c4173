import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { pfn_pte, pmd_present, pmd_trans_huge, type Pte } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pte_offset_map_lock } from '../memory/pte_lock.js'
import { mmu_notifier_change_pte, mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_offset, pmdp_get, ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { page_add_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'
import { page_address_in_vma } from './page_address_in_vma.js'

/** The entry has not changed since the page was write-protected: maps `kpage` instead. */
function* replace_locked(mm: Mm, vma: Vma, address: number, page: Page, kpage: Page, orig_pte: Pte): Steps<boolean> {
  const locked = yield* pte_offset_map_lock(pmd_offset(mm, address), address)
  if (!locked) return false
  const { ptep, ptl } = locked
  const same = (yield* ptep_get(ptep)) === orig_pte
  if (same) {
    yield* folio_get(kpage)
    yield* page_add_anon_rmap(kpage, vma, address, false, false)
    const newpte = pfn_pte(kpage.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
    yield* ptep_clear_flush(mm, address, ptep)
    yield* mmu_notifier_change_pte(mm, address, newpte)
    yield* set_pte_at(ptep, newpte)
    yield* page_remove_rmap(page, vma, false)
    if (kernel().geometry.swapSlots > 0 && !(yield* folio_mapped(page))) yield* folio_free_swap(page)
    yield* folio_put(page)
  }
  yield* spin_unlock(ptl)
  return same
}

/** mm/ksm.c:replace_page. False if the mapping has changed. */
export function* replace_page(vma: Vma, page: Page, kpage: Page, orig_pte: Pte): Steps<boolean> {
  const address = yield* page_address_in_vma(page, vma)
  if (address === undefined) return false
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const pmd = yield* pmdp_get(pmd_offset(mm, address))
  if (!pmd_present(pmd) || pmd_trans_huge(pmd)) return false
  yield* mmu_notifier_invalidate_range_start(mm, address, address + 1)
  const done = yield* replace_locked(mm, vma, address, page, kpage, orig_pte)
  yield* mmu_notifier_invalidate_range_end(mm, address, address + 1)
  return done
}
