import type { Access } from '../../../engine/model/memory.js'
import { atomic, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { add } from '../../include/cells.js'
import { folio_nr_pages, nth_page } from '../../include/compound.js'
import { is_swapcache, PG_dirty, PG_private, PG_swapbacked, PG_swapcache } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_FLAGS } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import type { SwapArea } from '../../include/swap_area.js'
import { has, kernel } from '../../kernel.js'

/** The file a folio belongs to, or the swap cache if it is there; undefined for other anonymous memory. */
export function* folio_mapping(folio: Folio): Steps<AddressSpace | SwapArea | undefined> {
  const { geometry: { swapSlots }, swap, files } = kernel()
  if (swapSlots > 0 && is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' }))) return swap
  const mapping = yield* load(folio.mapping, { label: 'folio_mapping(folio)' })
  return mapping & PAGE_MAPPING_FLAGS ? undefined : files.at(mapping >>> 2)
}

/** Anonymous memory: whoever looks at the page now has no reference, and can get none through the page tables. */
function* migrate_anon(dst: Folio, src: Folio, expected: number): Steps<boolean> {
  if ((yield* folio_ref_count(src)) !== expected) return false
  yield* store(dst.index, yield* load(src.index, { label: 'folio->index' }), { label: 'newfolio->index' })
  yield* store(dst.mapping, yield* load(src.mapping, { label: 'folio->mapping' }), { label: 'newfolio->mapping' })
  if ((yield* load(src.flags, { label: 'folio_test_swapbacked()' })) & PG_swapbacked) {
    yield* setBits(dst.flags, PG_swapbacked, { label: '__folio_set_swapbacked(new)' })
  }
  return true
}

/** With the references frozen at 0 nobody finds the folio; the insides of the xa_lock are one step. */
const replace_in_cache = (m: Access, mapping: AddressSpace | SwapArea, dst: Folio, src: Folio, expected: number, nr: number): boolean => {
  if (m.get(src._refcount) !== expected) return false
  m.set(dst.index, m.get(src.index))
  m.set(dst.mapping, m.get(src.mapping))
  add(m, dst._refcount, nr)
  const flags = m.get(src.flags)
  const swapped = is_swapcache(flags)
  const index = swapped ? m.get(src.private) - 1 : m.get(src.index)
  m.set(dst.flags, m.get(dst.flags) | (flags & (PG_swapbacked | PG_dirty | (swapped ? PG_swapcache : 0))))
  m.set(src.flags, flags & ~PG_dirty)
  for (let i = 0; i < nr; i++) {
    if (swapped && !(i > 0 && has('mutant-tails-without-slot'))) m.set(nth_page(dst, i).private, m.get(nth_page(src, i).private))
    if (swapped && i > 0 && !has('fc346d0a70a1')) break
    m.set(mapping.i_pages[index + i]!, dst.pfn + i + 1)
  }
  m.set(src._refcount, expected - nr)
  return true
}

/**
 * mm/migrate.c:folio_migrate_mapping. `dst` takes the place of `src` if nobody but the caller, the page cache or swap cache
 * and `extra` others hold a reference. False (-EAGAIN) if somebody does.
 */
export function* folio_migrate_mapping(mapping: AddressSpace | SwapArea | undefined, dst: Folio, src: Folio, extra = 0): Steps<boolean> {
  if (!mapping) return yield* migrate_anon(dst, src, 1 + extra)
  const nr = yield* folio_nr_pages(src)
  const priv = (yield* load(src.flags, { label: 'folio_test_private(folio)' })) & PG_private ? 1 : 0
  return yield* atomic('folio_migrate_mapping()', (m) => replace_in_cache(m, mapping, dst, src, 1 + nr + priv + extra, nr))
}
