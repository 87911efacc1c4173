import { fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import { folio_nr_pages } from '../../include/compound.js'
import { is_swapcache, PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_ref_freeze } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { __delete_from_swap_cache, slot_of } from '../swap_state/swap_cache.js'
import { put_swap_folio } from '../swapfile/swap_map.js'

function* __filemap_remove_folio(folio: Folio): Steps {
  const file = kernel().files.deref((yield* load(folio.mapping, { label: 'folio->mapping' })) >>> 2)
  const index = yield* load(folio.index, { label: 'folio->index' })
  yield* store(file.i_pages[index]!, 0, { label: 'xas_store(NULL)' })
  yield* store(folio.mapping, 0, { label: 'folio->mapping = NULL' })
  yield* fetchAdd(file.nrpages, -1, { label: 'mapping->nrpages--' })
}

/** mm/vmscan.c:__remove_mapping of a locked folio: out of the page cache or the swap cache, with all its references taken. */
export function* __remove_mapping(folio: Folio): Steps<boolean> {
  const refcount = 1 + (yield* folio_nr_pages(folio))
  if (!(yield* folio_ref_freeze(folio, refcount))) return false
  const flags = yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })
  if (flags & PG_dirty) {
    yield* store(folio._refcount, refcount, { label: `folio_ref_unfreeze(folio, ${refcount})` })
    return false
  }
  if (!is_swapcache(flags)) yield* __filemap_remove_folio(folio)
  else {
    const slot = yield* slot_of(folio)
    yield* __delete_from_swap_cache(folio, slot, refcount - 1)
    yield* put_swap_folio(slot, refcount - 1)
  }
  return true
}
