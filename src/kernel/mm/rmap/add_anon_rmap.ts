import { fetchAdd, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { PG_swapbacked } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { bug } from '../../bug.js'
import { kernel } from '../../kernel.js'
import { linear_page_index } from '../linear_page_index.js'
import { mlock_vma_page } from '../mlock/mlock_folio.js'
import { SetPageAnonExclusive } from './set_page_anon_exclusive.js'

/** mm/rmap.c:__page_set_anon_rmap. A page that is not exclusive belongs to the oldest anon_vma. */
export function* __page_set_anon_rmap(page: Page, vma: Vma, address: number, exclusive: boolean): Steps {
  const folio = yield* compound_head(page)
  if (!((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)) {
    const own = yield* load(vma.anon_vma, { label: 'vma->anon_vma' })
    if (!own) return yield* bug('a page of anonymous memory, and no anon_vma')
    const ref = exclusive ? own : yield* load(kernel().anonVmas.deref(own).root, { label: 'anon_vma->root' })
    yield* store(page.mapping, (ref << 2) | PAGE_MAPPING_ANON, { label: 'page->mapping = anon_vma' })
    yield* store(page.index, yield* linear_page_index(vma, address), { label: 'page->index' })
  }
  if (exclusive) yield* SetPageAnonExclusive(page)
}

/** mm/rmap.c:page_add_new_anon_rmap. Nobody else can see the page yet. */
export function* page_add_new_anon_rmap(page: Page, vma: Vma, address: number): Steps {
  yield* setBits(page.flags, PG_swapbacked, { label: '__SetPageSwapBacked(page)' })
  const counter = (yield* folio_test_large(page)) ? page.compound_mapcount : page._mapcount
  yield* store(counter, 0, { label: 'atomic_set(mapcount, 0)' })
  yield* __page_set_anon_rmap(page, vma, address, true)
}

/** mm/rmap.c:page_add_anon_rmap. `compound`: by a PMD. */
export function* page_add_anon_rmap(page: Page, vma: Vma, address: number, exclusive: boolean, compound: boolean): Steps {
  const counter = compound ? page.compound_mapcount : page._mapcount
  const first = (yield* fetchAdd(counter, 1, { label: 'atomic_inc_and_test(mapcount)' })) === -1
  const folio = yield* compound_head(page)
  const mapping = yield* load(folio.mapping, { label: 'PageKsm(page)' })
  const ksm = (mapping & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM
  if (first && !ksm) yield* __page_set_anon_rmap(page, vma, address, exclusive)
  yield* mlock_vma_page(folio, vma, compound)
}

/** mm/rmap.c:page_move_anon_rmap. The folio is locked and exclusively ours: the rmap need not search our relatives. */
export function* page_move_anon_rmap(folio: Folio, page: Page, vma: Vma): Steps {
  const ref = yield* load(vma.anon_vma, { label: 'vma->anon_vma' })
  yield* store(folio.mapping, (ref << 2) | PAGE_MAPPING_ANON, { label: 'folio->mapping = anon_vma' })
  yield* SetPageAnonExclusive(page)
}

/** mm/rmap.c:hugepage_add_new_anon_rmap, of hugetlbfs. Nobody else can see the page yet. */
export function* hugepage_add_new_anon_rmap(page: Folio, vma: Vma, address: number): Steps {
  yield* store(page.compound_mapcount, 0, { label: 'compound_mapcount = 0' })
  yield* __page_set_anon_rmap(page, vma, address, true)
}
