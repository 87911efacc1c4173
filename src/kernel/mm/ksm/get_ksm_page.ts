import type { Access } from '../../../engine/model/memory.js'
import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { StableNode } from '../../include/ksm.js'
import { is_swapcache } from '../../include/page_flags.js'
import { type Page, PAGE_MAPPING_KSM } from '../../include/page.js'
import { folio_ref_try_add_rcu } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { slab_free } from '../../slab.js'
import { put_anon_vma } from '../rmap/anon_vma_chain.js'
import { folio_put } from '../swap/folio_put.js'
import { list_del, list_of } from './cell_list.js'

/** What rmap items and nodes of the lists are linked by. */
export const item_hlist = (ref: number) => kernel().ksm.items.deref(ref).hlist
export const stable_node = (ref: number) => kernel().ksm.nodes.deref(ref).node

/** An item leaves the stable tree. */
export const drop_item = (m: Access, ref: number): void => {
  const item = kernel().ksm.items.deref(ref)
  put_anon_vma(m, kernel().anonVmas.deref(m.get(item.anon_vma)))
  m.set(item.flags, 0)
}

/** mm/ksm.c:remove_node_from_stable_tree: the page has gone. */
export const remove_node_from_stable_tree = (node: StableNode): Step<void> =>
  atomic('remove_node_from_stable_tree()', (m) => {
    const { ksm } = kernel()
    for (const ref of list_of(m, node.hlist, item_hlist)) drop_item(m, ref)
    list_del(m, ksm.stable_tree, stable_node, node.ref)
    slab_free(m, ksm.nodes, node)
  })

function* is_expected(page: Page, node: StableNode): Steps<boolean> {
  return (yield* load(page.mapping, { label: 'page->mapping == expected?' })) === ((node.ref << 2) | PAGE_MAPPING_KSM)
}

/** Whoever has frozen the references of a page in the swap cache may give them back, and is waited for. */
function* try_get_ref(page: Page): Steps<boolean> {
  while (!(yield* folio_ref_try_add_rcu(page, 1))) {
    if (kernel().geometry.swapSlots === 0) return false
    if (!is_swapcache(yield* load(page.flags, { label: 'PageSwapCache(page)' }))) return false
  }
  return true
}

/** The page of now with a reference; 'stale' if it is not the node's any more, 'busy' if its lock is held. */
function* try_get(page: Page, node: StableNode, lock: KsmLock): Steps<'stale' | 'busy' | 'got'> {
  if (!(yield* is_expected(page, node)) || !(yield* try_get_ref(page))) return 'stale'
  let same = yield* is_expected(page, node)
  if (same && lock === 'try' && !(yield* folio_trylock(page))) {
    yield* folio_put(page)
    return 'busy'
  }
  if (same && lock === 'lock') yield* folio_lock(page)
  if (same && lock !== 'none') {
    same = yield* is_expected(page, node)
    if (!same) yield* folio_unlock(page)
  }
  if (same) return 'got'
  yield* folio_put(page)
  return 'stale'
}

/** enum get_ksm_page_flags: whether to lock the page. */
export type KsmLock = 'none' | 'lock' | 'try'

/**
 * mm/ksm.c:get_ksm_page. The page of a stable node with a reference. The node holds none, so the page may be gone: then
 * the node is freed, and there is nothing.
 */
export function* get_ksm_page(node: StableNode, lock: KsmLock): Steps<Page | 'busy' | undefined> {
  for (;;) {
    const kpfn = yield* load(node.kpfn, { label: 'kpfn = stable_node->kpfn' })
    const page = kernel().page(kpfn)
    const got = yield* try_get(page, node, lock)
    if (got !== 'stale') return got === 'got' ? page : got
    if ((yield* load(node.kpfn, { label: 'stable_node->kpfn == kpfn?' })) === kpfn) break
  }
  yield* remove_node_from_stable_tree(node)
  return undefined
}
