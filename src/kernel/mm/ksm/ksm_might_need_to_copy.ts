import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { PG_dirty, PG_locked, PG_uptodate } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_locked } from '../../locking/folio_lock.js'
import { copy_page } from '../copy_page.js'
import { linear_page_index } from '../linear_page_index.js'
import { alloc_page } from '../page_alloc.js'
import { anon_vma_root } from '../rmap/rmap_walk.js'

/** Whether the rmap of the page, which is one of the swap cache, would find it here. */
function* fits(page: Page, folio: Folio, vma: Vma, address: number): Steps<boolean> {
  const mapping = yield* load(folio.mapping, { label: 'folio_anon_vma(folio)' })
  if (!(mapping & PAGE_MAPPING_ANON)) return true
  if ((mapping & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM) return mapping >>> 2 !== 0
  const head = yield* load(folio.index, { label: 'page->index' })
  if (head + page.pfn - folio.pfn !== (yield* linear_page_index(vma, address))) return false
  const own = kernel().anonVmas.deref(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  return (yield* anon_vma_root(kernel().anon_vma(mapping))) === (yield* anon_vma_root(own))
}

/**
 * mm/ksm.c:ksm_might_need_to_copy. A page that KSM had merged is of one place only when it has been swapped out and comes back: others
 * get a copy, which is locked. Undefined: there is no memory. Nobody stops KSM (KSM_RUN_UNMERGE).
 */
export function* ksm_might_need_to_copy(page: Page, folio: Folio, vma: Vma, address: number): Steps<Page | undefined> {
  if (yield* fits(page, folio, vma, address)) return page
  const copy = yield* alloc_page()
  if (!copy) return undefined
  yield* copy_page(copy, page)
  yield* setBits(copy.flags, PG_dirty | PG_uptodate | PG_locked, { label: '__SetPageLocked(new_page)', lock: folio_locked(copy) })
  return copy
}
