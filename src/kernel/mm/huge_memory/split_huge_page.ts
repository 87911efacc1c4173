import type { Access } from '../../../engine/model/memory.js'
import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { add } from '../../include/cells.js'
import { nth_page } from '../../include/compound.js'
import { EAGAIN, EBUSY } from '../../include/errno.js'
import {
  is_swapcache, PAGE_FLAGS_CHECK_AT_PREP, PG_active, PG_dirty, PG_head, PG_locked, PG_lru, PG_mlocked, PG_referenced, PG_swapbacked, PG_swapcache,
  PG_unevictable, PG_uptodate, PG_workingset, PG_writeback,
} from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { down_read, down_write, up_read, up_write } from '../../locking/rwsem.js'
import { remove_migration_ptes } from '../migrate/remove_migration_ptes.js'
import { folio_mapcount } from '../rmap/mapcount.js'
import { anon_vma_root, folio_anon_vma } from '../rmap/rmap_walk.js'
import { try_to_migrate, TTU_RMAP_LOCKED, TTU_SPLIT_HUGE_PMD, TTU_SYNC } from '../rmap/try_to_migrate.js'
import { try_to_unmap, TTU_IGNORE_MLOCK } from '../rmap/try_to_unmap.js'
import { folio_put } from '../swap/folio_put.js'
import { free_swap_cache } from '../swapfile/folio_free_swap.js'
import { list_del_deferred } from './deferred_split.js'

/** What a part inherits from its huge page. */
const INHERITED = PG_referenced | PG_swapbacked | PG_swapcache | PG_mlocked | PG_uptodate | PG_active | PG_workingset | PG_locked | PG_unevictable | PG_dirty

export interface SplitOptions {
  /** The folio is off the LRU, and so shall be the parts, each with one more reference (`list` in the kernel). */
  readonly isolated: boolean
}

/** mm/huge_memory.c:unmap_folio */
export const unmap_folio = (folio: Folio, anon: boolean): Steps =>
  anon ? try_to_migrate(folio, TTU_RMAP_LOCKED | TTU_SPLIT_HUGE_PMD | TTU_SYNC) : try_to_unmap(folio, TTU_RMAP_LOCKED | TTU_SPLIT_HUGE_PMD | TTU_SYNC | TTU_IGNORE_MLOCK)

/** mm/huge_memory.c:__split_huge_page_tail. `cached`: in the page cache or the swap cache. */
export const __split_huge_page_tail = (m: Access, head: Folio, n: number, cached: boolean, isolated: boolean): void => {
  const tail = nth_page(head, n)
  m.set(tail.flags, (m.get(tail.flags) & ~PAGE_FLAGS_CHECK_AT_PREP) | (m.get(head.flags) & INHERITED))
  m.set(tail.mapping, m.get(head.mapping))
  m.set(tail.index, m.get(head.index) + n)
  if (!is_swapcache(m.get(head.flags))) m.set(tail.private, 0)
  m.set(tail.compound_head, 0)
  m.set(tail._refcount, cached ? 2 : 1)
  if (isolated) add(m, tail._refcount, 1)
  else {
    if (m.get(tail.flags) & PG_unevictable) m.set(tail.lru, 0)
    m.set(tail.flags, m.get(tail.flags) | PG_lru)
  }
}

/**
 * mm/huge_memory.c:__split_huge_page up to the unfreeze, from page_ref_freeze() on: with interrupts off, under the LRU lock, and
 * with no reference to be had. Lockless walkers see the references of each part come back, here all at once.
 */
export const __split_huge_page = (folio: Folio, expected: number, mapping: AddressSpace | undefined, isolated: boolean): Step<boolean> =>
  atomic('page_ref_freeze(); split; unfreeze', (m) => {
    if (m.get(folio._refcount) !== expected) return false
    list_del_deferred(m, folio)
    const cached = mapping !== undefined || is_swapcache(m.get(folio.flags))
    for (let n = kernel().geometry.ptrsPerPte - 1; n > 0; n--) {
      __split_huge_page_tail(m, folio, n, cached, isolated)
      if (mapping) m.set(mapping.i_pages[m.get(folio.index) + n]!, folio.pfn + n + 1)
    }
    m.set(folio.flags, m.get(folio.flags) & ~PG_head)
    m.set(folio._refcount, cached ? 2 : 1)
    return true
  })

/** mm/huge_memory.c:remap_page, of the parts: maps them where there are migration entries. */
export function* remap_page(folio: Folio): Steps {
  for (let n = 0; n < kernel().geometry.ptrsPerPte; n++) yield* remove_migration_ptes(nth_page(folio, n), nth_page(folio, n), true)
}

/** The parts are small pages now: unlocks and drops all but `page`, which the caller holds and has locked. */
function* put_parts(page: Folio, folio: Folio): Steps {
  for (let n = 0; n < kernel().geometry.ptrsPerPte; n++) {
    const part = nth_page(folio, n)
    if (part === page) continue
    yield* folio_unlock(part)
    yield* free_swap_cache(part)
    yield* folio_put(part)
  }
}

/** References of the page cache or the swap cache to a huge page. */
function* extra_pins(folio: Folio): Steps<number> {
  const nr = kernel().geometry.ptrsPerPte
  if (!((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON)) return nr
  if (kernel().geometry.swapSlots === 0) return 0
  return is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })) ? nr : 0
}

/** mm/huge_memory.c:can_split_folio: nobody but the caller, the mappings and the cache has a reference, as it seems. */
export function* can_split_folio(folio: Folio): Steps<boolean> {
  const extra = yield* extra_pins(folio)
  const mapcount = yield* folio_mapcount(folio)
  return mapcount === (yield* folio_ref_count(folio)) - extra - 1
}

function* split_locked(folio: Folio, mapping: AddressSpace | undefined, isolated: boolean): Steps<number> {
  const extra = yield* extra_pins(folio)
  if (!(yield* can_split_folio(folio))) return -EAGAIN
  yield* unmap_folio(folio, !mapping)
  const split = yield* __split_huge_page(folio, 1 + extra, mapping, isolated)
  if (!mapping) yield* split ? remap_page(folio) : remove_migration_ptes(folio, folio, true)
  return split ? 0 : -EAGAIN
}

/**
 * mm/huge_memory.c:split_huge_page_to_list. Makes small pages of the huge page that `page` is in, which the caller has
 * locked and holds a reference to. -EAGAIN if anybody but page tables and page cache holds another one.
 */
export function* split_huge_page(page: Folio, options: SplitOptions = { isolated: false }): Steps<number> {
  const head = yield* load(page.compound_head, { label: 'page_folio(page)' })
  const folio = head ? kernel().page(head - 1) : page
  if (folio === kernel().memory.hugeZeroPage) return -EBUSY
  if ((yield* load(folio.flags, { label: 'folio_test_writeback()' })) & PG_writeback) return -EBUSY
  const anon = ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) !== 0
  const mapping = anon ? undefined : kernel().files.at((yield* load(folio.mapping, { label: 'mapping = folio->mapping' })) >>> 2)
  const anon_vma = anon ? yield* folio_anon_vma(folio) : undefined
  if (!mapping && !anon_vma) return -EBUSY
  if (anon_vma) yield* down_write((yield* anon_vma_root(anon_vma)).rwsem, 'anon_vma_lock_write(anon_vma)')
  else if (mapping) yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  const result = yield* split_locked(folio, mapping, options.isolated)
  if (mapping) yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read(mapping)')
  if (result === 0) yield* put_parts(page, folio)
  if (anon_vma) yield* up_write((yield* anon_vma_root(anon_vma)).rwsem, 'anon_vma_unlock_write()')
  return result
}
