import type { Cell } from '../../../engine/model/memory.js'
import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import { type RmapItem, SEQNR_MASK, STABLE_FLAG, UNSTABLE_FLAG } from '../../include/ksm.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { slab_alloc, slab_free } from '../../slab.js'
import { folio_put } from '../swap/folio_put.js'
import { list_del } from './cell_list.js'
import { drop_item, get_ksm_page, item_hlist } from './get_ksm_page.js'

export const item_node = (ref: number) => kernel().ksm.items.deref(ref).node

function* remove_from_stable_tree(item: RmapItem): Steps {
  const node = kernel().ksm.nodes.deref(yield* load(item.head, { label: 'rmap_item->head' }))
  const page = yield* get_ksm_page(node, 'lock')
  if (!page || page === 'busy') return
  yield* atomic('hlist_del(&rmap_item->hlist)', (m) => list_del(m, node.hlist, item_hlist, item.ref))
  yield* folio_unlock(page)
  yield* folio_put(page)
  yield* atomic('put_anon_vma(rmap_item)', (m) => {
    drop_item(m, item.ref)
    m.set(item.head, 0)
  })
}

/** mm/ksm.c:remove_rmap_item_from_tree, whichever it is in. */
export function* remove_rmap_item_from_tree(item: RmapItem): Steps {
  const flags = yield* load(item.flags, { label: 'rmap_item->address' })
  if (flags & STABLE_FLAG) return yield* remove_from_stable_tree(item)
  if (!(flags & UNSTABLE_FLAG)) return
  const { ksm } = kernel()
  const seqnr = yield* load(ksm.seqnr, { label: 'ksm_scan.seqnr' })
  if ((flags & SEQNR_MASK) === (seqnr & SEQNR_MASK)) {
    yield* atomic('rb_erase(unstable_tree)', (m) => list_del(m, ksm.unstable_tree, item_node, item.ref))
  }
  yield* store(item.flags, 0, { label: 'rmap_item->address &= PAGE_MASK' })
}

const unlink = (link: Cell, item: RmapItem): Step<void> =>
  atomic('free_rmap_item(rmap_item)', (m) => {
    m.set(link, m.get(item.rmap_list))
    slab_free(m, kernel().ksm.items, item)
  })

function* free_rmap_item(link: Cell, item: RmapItem): Steps {
  yield* remove_rmap_item_from_tree(item)
  yield* unlink(link, item)
}

/** mm/ksm.c:remove_trailing_rmap_items: all from `link` on. */
export function* remove_trailing_rmap_items(link: Cell): Steps {
  for (;;) {
    const item = kernel().ksm.items.at(yield* load(link, { label: 'rmap_item = *rmap_list' }))
    if (!item) return
    yield* free_rmap_item(link, item)
  }
}

const alloc_rmap_item = (mm: Mm, link: Cell, address: number): Step<RmapItem> =>
  atomic('alloc_rmap_item()', (m) => {
    const item = slab_alloc(m, kernel().ksm.items)
    for (const cell of [item.flags, item.anon_vma, item.head, item.hlist, item.oldchecksum, item.node]) m.set(cell, 0)
    m.set(item.mm, mm.ref)
    m.set(item.address, address)
    m.set(item.rmap_list, m.get(link))
    m.set(link, item.ref)
    return item
  })

/** mm/ksm.c:get_next_rmap_item: that of the address; items before it, of pages that are not there any more, are freed. */
export function* get_next_rmap_item(mm: Mm, link: Cell, address: number): Steps<RmapItem> {
  for (;;) {
    const item = kernel().ksm.items.at(yield* load(link, { label: 'rmap_item = *rmap_list' }))
    const at = item ? yield* load(item.address, { label: 'rmap_item->address' }) : Infinity
    if (item && at === address) return item
    if (!item || at > address) return yield* alloc_rmap_item(mm, link, address)
    yield* free_rmap_item(link, item)
  }
}
