import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { FOLL_GET } from '../../include/gup_flags.js'
import { type RmapItem, SEQNR_MASK, STABLE_FLAG, type StableNode, UNSTABLE_FLAG } from '../../include/ksm.js'
import { type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_KSM } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { slab_alloc } from '../../slab.js'
import { follow_page } from '../gup/follow_page.js'
import { folio_put, put_page } from '../swap/folio_put.js'
import { find_mergeable_vma } from './break_ksm.js'
import { list_add, list_of } from './cell_list.js'
import { get_ksm_page, item_hlist, stable_node } from './get_ksm_page.js'
import { item_node } from './rmap_item.js'
import { pages_identical } from './try_to_merge.js'

/* The stable and the unstable tree of mm/ksm.c. They are lists here: only whether something is found can be seen. */

/** mm/ksm.c:stable_tree_search. The KSM page with this content, with a reference; 'busy' if it is locked. */
export function* stable_tree_search(page: Page, node: StableNode | undefined): Steps<Page | 'busy' | undefined> {
  if (node) {
    yield* folio_get(page)
    return page
  }
  const { ksm } = kernel()
  for (const ref of yield* atomic('root_stable_tree', (m) => list_of(m, ksm.stable_tree, stable_node))) {
    const candidate = ksm.nodes.deref(ref)
    const tree_page = yield* get_ksm_page(candidate, 'none')
    if (!tree_page || tree_page === 'busy') continue
    const same = yield* pages_identical(page, tree_page)
    yield* put_page(tree_page)
    if (!same) continue
    const found = yield* get_ksm_page(candidate, 'try')
    if (found && found !== 'busy') yield* folio_unlock(found)
    if (found) return found
  }
  return undefined
}

/** mm/ksm.c:stable_tree_insert. The locked page gets a node. */
export const stable_tree_insert = (kpage: Page): Step<StableNode> =>
  atomic('stable_tree_insert(kpage)', (m) => {
    const { ksm } = kernel()
    const node = slab_alloc(m, ksm.nodes)
    m.set(node.hlist, 0)
    m.set(node.kpfn, kpage.pfn)
    m.set(kpage.mapping, (node.ref << 2) | PAGE_MAPPING_KSM)
    list_add(m, ksm.stable_tree, stable_node, node.ref)
    return node
  })

/** mm/ksm.c:stable_tree_append */
export const stable_tree_append = (item: RmapItem, node: StableNode): Step<void> =>
  atomic('stable_tree_append()', (m) => {
    m.set(item.head, node.ref)
    m.set(item.flags, STABLE_FLAG)
    list_add(m, node.hlist, item_hlist, item.ref)
  })

/** mm/ksm.c:get_mergeable_page */
export function* get_mergeable_page(item: RmapItem): Steps<Page | undefined> {
  const mm = kernel().mms.deref(yield* load(item.mm, { label: 'rmap_item->mm' }))
  const address = yield* load(item.address, { label: 'rmap_item->address' })
  yield* mmap_read_lock(mm)
  const vma = yield* find_mergeable_vma(mm, address)
  const page = vma ? yield* follow_page(mm, vma, address, FOLL_GET) : 0
  const mapping = typeof page === 'number' ? 0 : yield* load((yield* compound_head(page)).mapping, { label: 'PageAnon(page)' })
  if (typeof page !== 'number' && !(mapping & PAGE_MAPPING_ANON)) yield* put_page(page)
  yield* mmap_read_unlock(mm)
  return typeof page !== 'number' && mapping & PAGE_MAPPING_ANON ? page : undefined
}

const unstable_tree_insert = (item: RmapItem): Step<void> =>
  atomic('rb_insert(root_unstable_tree)', (m) => {
    const { ksm } = kernel()
    m.set(item.flags, UNSTABLE_FLAG | (m.get(ksm.seqnr) & SEQNR_MASK))
    list_add(m, ksm.unstable_tree, item_node, item.ref)
  })

/** What the unstable tree has for a page: an item whose page, referenced, has the same content. */
export interface UnstableMatch {
  readonly tree_item: RmapItem
  readonly tree_page: Page
}

/** mm/ksm.c:unstable_tree_search_insert. Without a match the item is inserted. */
export function* unstable_tree_search_insert(item: RmapItem, page: Page): Steps<UnstableMatch | undefined> {
  const { ksm } = kernel()
  for (const ref of yield* atomic('root_unstable_tree', (m) => list_of(m, ksm.unstable_tree, item_node))) {
    const tree_item = ksm.items.deref(ref)
    const tree_page = yield* get_mergeable_page(tree_item)
    if (!tree_page) continue
    if (tree_page !== page && (yield* pages_identical(page, tree_page))) return { tree_item, tree_page }
    yield* folio_put(yield* compound_head(tree_page))
    if (tree_page === page) return undefined
  }
  yield* unstable_tree_insert(item)
  return undefined
}
