import { load, type Steps, store } from '../../../engine/model/step.js'
import { compound_head, PageCompound } from '../../include/compound.js'
import type { RmapItem, StableNode } from '../../include/ksm.js'
import { type Page, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { put_page } from '../swap/folio_put.js'
import { remove_rmap_item_from_tree } from './rmap_item.js'
import {
  stable_tree_append, stable_tree_insert, stable_tree_search, unstable_tree_search_insert, type UnstableMatch,
} from './trees.js'
import { try_to_merge_two_pages, try_to_merge_with_ksm_page } from './try_to_merge.js'

/** mm/ksm.c:page_stable_node */
export function* page_stable_node(page: Page): Steps<StableNode | undefined> {
  const folio = yield* compound_head(page)
  const mapping = yield* load(folio.mapping, { label: 'page_stable_node(page)' })
  return (mapping & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM ? kernel().ksm.nodes.at(mapping >>> 2) : undefined
}

/** There is a KSM page with this content. */
function* merge_into(item: RmapItem, page: Page, kpage: Page): Steps {
  if (yield* try_to_merge_with_ksm_page(item, page, kpage)) {
    yield* folio_lock(kpage)
    const node = yield* page_stable_node(kpage)
    if (node) yield* stable_tree_append(item, node)
    yield* folio_unlock(kpage)
  }
  yield* put_page(kpage)
}

/** Another page like this one was seen in this scan. */
function* merge_pair(item: RmapItem, page: Page, { tree_item, tree_page }: UnstableMatch): Steps {
  const merged = yield* try_to_merge_two_pages(item, page, tree_item, tree_page)
  const folio = yield* compound_head(page)
  const split = (yield* PageCompound(page)) && folio === (yield* compound_head(tree_page))
  yield* put_page(tree_page)
  if (merged) {
    yield* folio_lock(page)
    const node = yield* stable_tree_insert(page)
    yield* stable_tree_append(tree_item, node)
    yield* stable_tree_append(item, node)
    yield* folio_unlock(page)
  } else if (split && (yield* folio_trylock(folio))) {
    const small = (yield* split_huge_page(page)) === 0
    yield* folio_unlock(small ? page : folio)
  }
}

/** xxhash of the page; never 0, which is what a new rmap item has. */
function* calc_checksum(page: Page): Steps<number> {
  return (yield* load(page.content, { label: 'calc_checksum(page)' })) + 1
}

/** mm/ksm.c:cmp_and_merge_page. A page is merged only if it has not changed since the last scan. */
export function* cmp_and_merge_page(page: Page, item: RmapItem): Steps {
  const node = yield* page_stable_node(page)
  if (node && (yield* load(item.head, { label: 'rmap_item->head' })) === node.ref) return
  const kpage = yield* stable_tree_search(page, node)
  yield* remove_rmap_item_from_tree(item)
  if (kpage === 'busy') return
  if (kpage) return yield* merge_into(item, page, kpage)
  const checksum = yield* calc_checksum(page)
  if ((yield* load(item.oldchecksum, { label: 'rmap_item->oldchecksum' })) !== checksum) {
    yield* store(item.oldchecksum, checksum, { label: 'rmap_item->oldchecksum = checksum' })
    return
  }
  const match = yield* unstable_tree_search_insert(item, page)
  if (match) yield* merge_pair(item, page, match)
}
