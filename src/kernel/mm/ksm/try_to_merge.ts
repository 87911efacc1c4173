import { atomic, load, setBits, type Step, type Steps, store } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { PageCompound } from '../../include/compound.js'
import type { RmapItem } from '../../include/ksm.js'
import { PG_dirty } from '../../include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_KSM } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { put_anon_vma } from '../rmap/anon_vma_chain.js'
import { mark_page_accessed } from '../swap/mark_page_accessed.js'
import { break_ksm, find_mergeable_vma } from './break_ksm.js'
import { replace_page } from './replace_page.js'
import { remove_rmap_item_from_tree } from './rmap_item.js'
import { write_protect_page } from './write_protect_page.js'

/** mm/util.c:memcmp_pages: the two pages hold the same. */
export const pages_identical = (a: Page, b: Page): Step<boolean> =>
  atomic('memcmp_pages(page1, page2)', (m) => m.get(a.content) === m.get(b.content))

/** The page, write-protected here, becomes a KSM page itself, or gives way to the one there is. */
function* merge_locked(vma: Vma, page: Page, kpage: Page | undefined): Steps<boolean> {
  const orig_pte = yield* write_protect_page(vma, page)
  if (orig_pte === undefined) return false
  if (kpage) return (yield* pages_identical(page, kpage)) && (yield* replace_page(vma, page, kpage, orig_pte))
  yield* store(page.mapping, PAGE_MAPPING_KSM, { label: 'set_page_stable_node(page, NULL)' })
  yield* mark_page_accessed(page)
  yield* setBits(page.flags, PG_dirty, { label: 'SetPageDirty(page)' })
  return true
}

/** mm/ksm.c:try_to_merge_one_page */
export function* try_to_merge_one_page(vma: Vma, page: Page, kpage: Page | undefined): Steps<boolean> {
  if (page === kpage) return true
  const head = yield* load(page.compound_head, { label: 'page_folio(page)' })
  const folio = head ? kernel().page(head - 1) : page
  if (!((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON) || !(yield* folio_trylock(folio))) return false
  const small = !(yield* PageCompound(page)) || (yield* split_huge_page(page)) === 0
  const done = small && (yield* merge_locked(vma, page, kpage))
  yield* folio_unlock(small ? page : folio)
  return done
}

/** mm/ksm.c:try_to_merge_with_ksm_page. Without `kpage` the page itself is to become one. */
export function* try_to_merge_with_ksm_page(item: RmapItem, page: Page, kpage?: Page): Steps<boolean> {
  const mm = kernel().mms.deref(yield* load(item.mm, { label: 'rmap_item->mm' }))
  yield* mmap_read_lock(mm)
  const vma = yield* find_mergeable_vma(mm, yield* load(item.address, { label: 'rmap_item->address' }))
  const done = vma !== undefined && (yield* try_to_merge_one_page(vma, page, kpage))
  if (done) {
    yield* remove_rmap_item_from_tree(item)
    yield* atomic('get_anon_vma(vma->anon_vma)', (m) => {
      const ref = m.get(vma.anon_vma)
      m.set(item.anon_vma, ref)
      add(m, kernel().anonVmas.deref(ref).refcount, 1)
    })
  }
  yield* mmap_read_unlock(mm)
  return done
}

/** mm/ksm.c:break_cow: undoes a merge that came to nothing. */
export function* break_cow(item: RmapItem): Steps {
  yield* atomic('put_anon_vma(rmap_item)', (m) => put_anon_vma(m, kernel().anonVmas.deref(m.get(item.anon_vma))))
  const mm = kernel().mms.deref(yield* load(item.mm, { label: 'rmap_item->mm' }))
  const address = yield* load(item.address, { label: 'rmap_item->address' })
  yield* mmap_read_lock(mm)
  const vma = yield* find_mergeable_vma(mm, address)
  if (vma) yield* break_ksm(mm, vma, address)
  yield* mmap_read_unlock(mm)
}

/** mm/ksm.c:try_to_merge_two_pages. `page` becomes the KSM page of both. */
export function* try_to_merge_two_pages(item: RmapItem, page: Page, tree_item: RmapItem, tree_page: Page): Steps<boolean> {
  if (!(yield* try_to_merge_with_ksm_page(item, page))) return false
  if (yield* try_to_merge_with_ksm_page(tree_item, tree_page, page)) return true
  yield* break_cow(item)
  return false
}
