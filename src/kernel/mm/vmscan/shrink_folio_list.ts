import { clearBits, load, setBits, type Steps } from '../../../engine/model/step.js'
import { folio_test_large, nth_page } from '../../include/compound.js'
import { is_swapcache, PG_active, PG_dirty, PG_mlocked, PG_swapbacked, PG_writeback } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_ref_freeze } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { folio_maybe_dma_pinned } from '../gup/folio_maybe_dma_pinned.js'
import { can_split_folio, split_huge_page } from '../huge_memory/split_huge_page.js'
import { free_pages } from '../page_alloc.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { try_to_unmap_flush, try_to_unmap_flush_dirty } from '../rmap/tlb_ubc.js'
import { TTU_SPLIT_HUGE_PMD } from '../rmap/try_to_migrate.js'
import { TTU_BATCH_FLUSH, try_to_unmap } from '../rmap/try_to_unmap.js'
import { add_to_swap } from '../swap_state/swap_cache.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'
import { folio_check_references } from './folio_check_references.js'
import { pageout } from './pageout.js'
import { __remove_mapping } from './remove_mapping.js'

/** Where it goes on with a folio: 'free', its last references are taken; else it stays, and 'keep' says that it is not locked any more. */
type Goto = 'free' | 'activate_locked' | 'keep_locked' | 'keep'

const flagsOf = (folio: Folio, label: string) => load(folio.flags, { label })

function* split_folio_to_list(folio: Folio): Steps<boolean> {
  return (yield* split_huge_page(folio, { isolated: true })) === 0
}

/** A slot of the swap area; a cluster of them for a huge page. Where there is none it is split, and its first page gets a slot. */
function* swap_slot(folio: Folio): Steps<Goto | undefined> {
  const large = yield* folio_test_large(folio)
  if (large) {
    if (!(yield* can_split_folio(folio))) return 'activate_locked'
    const entire = (yield* load(folio.compound_mapcount, { label: 'folio_entire_mapcount()' })) + 1
    if (entire === 0 && !(yield* split_folio_to_list(folio))) return 'activate_locked'
  }
  if (yield* add_to_swap(folio)) return undefined
  if (!(yield* folio_test_large(folio)) || !(yield* split_folio_to_list(folio))) return 'activate_locked'
  return (yield* add_to_swap(folio)) ? undefined : 'activate_locked'
}

/** Anonymous memory gets a slot first. Huge pages of files are split. */
function* prepare(folio: Folio): Steps<Goto | undefined> {
  const anon = (yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON
  const flags = yield* flagsOf(folio, 'folio_test_swapbacked(folio)')
  if (!(flags & PG_swapbacked)) return undefined
  if (!anon) return (yield* folio_test_large(folio)) && !(yield* split_folio_to_list(folio)) ? 'keep_locked' : undefined
  if (is_swapcache(flags)) return undefined
  if (yield* folio_maybe_dma_pinned(folio)) return 'keep_locked'
  return yield* swap_slot(folio)
}

/** Dirty memory is written; what is not swap-backed is left to those who write files. Undefined: it is clean now, and locked. */
function* clean(folio: Folio, mapping: number): Steps<Goto | undefined> {
  const flags = yield* flagsOf(folio, 'folio_test_dirty(folio)')
  if (!(flags & PG_dirty)) return undefined
  if (!(flags & PG_swapbacked)) return 'activate_locked'
  yield* try_to_unmap_flush_dirty()
  const done = yield* pageout(folio, mapping)
  if (done !== 'written') return done === 'clean' ? undefined : done
  if ((yield* flagsOf(folio, 'folio_test_dirty(folio)')) & (PG_writeback | PG_dirty)) return 'keep'
  if (!(yield* folio_trylock(folio))) return 'keep'
  return (yield* flagsOf(folio, 'folio_test_dirty(folio)')) & (PG_dirty | PG_writeback) ? 'keep_locked' : undefined
}

/** Nobody maps the locked folio any more. */
function* take_last_references(folio: Folio, was_clean: boolean): Steps<Goto> {
  if (yield* folio_maybe_dma_pinned(folio)) return 'activate_locked'
  const mapping = yield* load(folio.mapping, { label: 'folio_mapping(folio)' })
  if (was_clean) yield* clearBits(folio.flags, PG_dirty, { label: 'folio_clear_dirty(folio)' })
  const stays = yield* clean(folio, mapping)
  if (stays) return stays
  const flags = yield* flagsOf(folio, 'folio_test_swapbacked(folio)')
  if (mapping & PAGE_MAPPING_ANON && !(flags & PG_swapbacked)) return (yield* folio_ref_freeze(folio, 1)) ? 'free' : 'keep_locked'
  const cached = mapping & PAGE_MAPPING_ANON ? is_swapcache(flags) : mapping !== 0
  return cached && (yield* __remove_mapping(folio)) ? 'free' : 'keep_locked'
}

/** The locked folio. */
function* reclaim(folio: Folio, ignore_references: boolean): Steps<Goto> {
  if ((yield* flagsOf(folio, 'folio_evictable(), folio_test_writeback()')) & (PG_mlocked | PG_writeback)) return 'activate_locked'
  const references = ignore_references ? 'reclaim' : yield* folio_check_references(folio)
  if (references !== 'reclaim') return references
  const was_clean = has('mutant-dirty-before-slot') && !((yield* flagsOf(folio, 'folio_test_dirty(folio)')) & PG_dirty)
  const unready = yield* prepare(folio)
  if (unready) return unready
  if (yield* folio_mapped(folio)) {
    const large = yield* folio_test_large(folio)
    yield* try_to_unmap(folio, TTU_BATCH_FLUSH | (large ? TTU_SPLIT_HUGE_PMD : 0))
    if (yield* folio_mapped(folio)) return 'activate_locked'
  }
  return yield* take_last_references(folio, was_clean)
}

/** It will be a while until it is looked at again. The swap area counts as less than half full. */
function* activate_locked(folio: Folio): Steps {
  const flags = yield* flagsOf(folio, 'folio_test_mlocked(folio)')
  if (flags & PG_mlocked) {
    if (is_swapcache(flags)) yield* folio_free_swap(folio)
  } else yield* setBits(folio.flags, PG_active, { label: 'folio_set_active(folio)' })
}

/** One round of the loop. Whether nobody has a reference any more. */
function* shrink_folio(folio: Folio, ignore_references: boolean): Steps<boolean> {
  if (!(yield* folio_trylock(folio))) return false
  const label = yield* reclaim(folio, ignore_references)
  if (label === 'activate_locked') yield* activate_locked(folio)
  if (label !== 'keep') yield* folio_unlock(folio)
  return label === 'free'
}

/** Parts of a huge page that was split meanwhile, which come next. */
function* parts_of(folio: Folio, was_large: boolean): Steps<readonly Folio[]> {
  if (!was_large || (yield* folio_test_large(folio))) return []
  return Array.from({ length: kernel().geometry.ptrsPerPte - 1 }, (_, i) => nth_page(folio, i + 1))
}

/**
 * mm/vmscan.c:shrink_folio_list, of isolated folios: they are freed if they can be. Returns those that stay. `ignore_references`: does not
 * ask whether they were used of late. Nothing is demoted to a slower node.
 */
export function* shrink_folio_list(list: readonly Folio[], ignore_references: boolean): Steps<readonly Folio[]> {
  let left = list
  const ret: Folio[] = []
  const free: Folio[] = []
  while (left.length > 0) {
    const folio = left[0]!
    const was_large = yield* folio_test_large(folio)
    const gone = yield* shrink_folio(folio, ignore_references)
    const parts = yield* parts_of(folio, was_large)
    left = [...parts, ...left.slice(1)]
    if (!gone) ret.push(folio)
    else if (was_large && parts.length === 0) {
      yield* try_to_unmap_flush()
      yield* free_pages(folio)
    } else free.push(folio)
  }
  yield* try_to_unmap_flush()
  for (const folio of free) yield* free_pages(folio)
  return ret
}
