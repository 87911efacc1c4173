import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { pte_dirty, pte_pfn } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { VM_LOCKED } from '../../include/vm_flags.js'
import { kernel } from '../../kernel.js'
import { split_huge_pmd_address } from '../huge_memory/split_huge_pmd.js'
import { mlock_page_drain_local } from '../mlock/mlock_pagevec.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, type Pvmw, PVMW_SYNC } from './page_vma_mapped_walk.js'
import { page_remove_rmap } from './page_remove_rmap.js'
import { rmap_walk } from './rmap_walk.js'

function* unmap_pte(folio: Folio, pvmw: Pvmw, at: Mapped): Steps {
  const pte = yield* ptep_clear_flush(pvmw.mm, at.address, at.ptep!)
  if (pte_dirty(pte)) yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  yield* page_remove_rmap(kernel().page(pte_pfn(pte)), pvmw.vma, false)
  const vm_flags = yield* load(pvmw.vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & VM_LOCKED) yield* mlock_page_drain_local()
  yield* folio_put(folio)
}

/** mm/rmap.c:try_to_unmap_one */
function* try_to_unmap_one(folio: Folio, vma: Vma, address: number, split: boolean): Steps<boolean> {
  const pvmw = yield* folio_vma_walk(folio, vma, address, split ? PVMW_SYNC : 0)
  if (split) yield* split_huge_pmd_address(pvmw.mm, vma, address, false, folio)
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, address, pvmw.end)
  for (let at = yield* page_vma_mapped_walk(pvmw); at; at = yield* page_vma_mapped_walk(pvmw, at)) yield* unmap_pte(folio, pvmw, at)
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, address, pvmw.end)
  return true
}

/**
 * mm/rmap.c:try_to_unmap of a file's folio, which is locked. `split`: a huge page that is to be split; the caller holds
 * the rmap lock. Every page is flushed at once: TTU_BATCH_FLUSH is not modelled.
 */
export function* try_to_unmap_file(folio: Folio, split: boolean): Steps {
  yield* rmap_walk(folio, { rmap_one: try_to_unmap_one, arg: split, until_unmapped: true, locked: split })
}
