import { load, type Steps } from '../../engine/model/step.js'
import { EAGAIN } from '../include/errno.js'
import type { Mm } from '../include/mm.js'
import type { Page } from '../include/page.js'
import { folio_get } from '../include/page_ref.js'
import { pfn_pte } from '../include/pgtable.js'
import type { Vma } from '../include/vma.js'
import { has, kernel } from '../kernel.js'
import { folio_lock, folio_unlock } from '../locking/folio_lock.js'
import {
  mmu_notifier_change_pte, mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start,
} from '../mm/mmu_notifier.js'
import { set_pte_at } from '../mm/pgtable.js'
import { ptep_clear_flush } from '../mm/pgtable_generic.js'
import { page_add_new_anon_rmap } from '../mm/rmap/add_anon_rmap.js'
import { folio_mapped } from '../mm/rmap/mapcount.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw } from '../mm/rmap/page_vma_mapped_walk.js'
import { page_remove_rmap } from '../mm/rmap/page_remove_rmap.js'
import { folio_put } from '../mm/swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../mm/swap/lru_cache_add_inactive_or_unevictable.js'
import { folio_free_swap } from '../mm/swapfile/folio_free_swap.js'

/** Under the page-table lock. */
function* replace_mapped({ mm, vma }: Pvmw & { readonly vma: Vma }, { address, ptep }: Mapped, old_page: Page, new_page: Page | undefined): Steps {
  if (new_page) {
    yield* folio_get(new_page)
    yield* page_add_new_anon_rmap(new_page, vma, address)
    yield* lru_cache_add_inactive_or_unevictable(new_page, vma)
  }
  yield* ptep_clear_flush(mm, address, ptep!)
  yield* mmu_notifier_invalidate_range(mm, address, address + 1)
  if (new_page) {
    const pte = pfn_pte(new_page.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
    yield* mmu_notifier_change_pte(mm, address, pte)
    yield* set_pte_at(ptep!, pte)
  }
  yield* page_remove_rmap(old_page, vma, false)
  if (kernel().geometry.swapSlots > 0 && !(yield* folio_mapped(old_page))) yield* folio_free_swap(old_page)
}

/**
 * kernel/events/uprobes.c:__replace_page: another page, which is the process' own, or none, so that the next fault finds that of the
 * file. 0, or -EAGAIN if the old one is not mapped any more.
 */
export function* __replace_page(mm: Mm, vma: Vma, address: number, old_page: Page, new_page: Page | undefined): Steps<number> {
  const notify = !has('mutant-uprobes-without-notifier')
  yield* folio_lock(old_page)
  if (notify) yield* mmu_notifier_invalidate_range_start(mm, address, address + 1)
  const pvmw = yield* folio_vma_walk(old_page, vma, address, 0)
  const at = yield* page_vma_mapped_walk(pvmw)
  if (at) {
    yield* replace_mapped({ ...pvmw, vma }, at, old_page, new_page)
    yield* page_vma_mapped_walk_done(pvmw, at)
    yield* folio_put(old_page)
  }
  if (notify) yield* mmu_notifier_invalidate_range_end(mm, address, address + 1)
  yield* folio_unlock(old_page)
  return at ? 0 : -EAGAIN
}
