import { lockdep } from '../../../engine/model/lock.js'
import type { Access } from '../../../engine/model/memory.js'
import { atomic, clearBits, setBits, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { add } from '../../include/cells.js'
import { folio_test_large, nth_page, PageCompound, compound_head } from '../../include/compound.js'
import { GFP_TRANSHUGE } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import { PG_active, PG_dirty, PG_locked, PG_swapbacked, PG_unevictable, PG_uptodate } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_ref_add } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_locked, folio_unlock } from '../../locking/folio_lock.js'
import { clear_page, copy_page } from '../copy_page.js'
import { folio_mapping } from '../migrate/folio_migrate_mapping.js'
import { alloc_hugepage } from '../page_alloc.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { try_to_unmap } from '../rmap/try_to_unmap.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import { folio_add_lru } from '../swap/lru_add.js'
import { retract_page_tables } from './retract_page_tables.js'
import type { ScanResult } from './scan_result.js'

/** Cache, isolation and our own reference: nobody else may hold one. */
const FROZEN_REFS = 3

/** What became of one index: its page, locked and with a reference; a hole, where the huge page is now; or the end. */
type Taken = { readonly page: Page } | { readonly hole: true } | { readonly result: ScanResult }

const slot = (mapping: AddressSpace, index: number) => mapping.i_pages[index]!

const has_entry = (m: Access, mapping: AddressSpace, start: number): boolean =>
  mapping.i_pages.slice(start, start + kernel().geometry.ptrsPerPte).some((cell) => m.get(cell) !== 0)

/** Under the xa_lock: takes the page at an index, or puts the huge page into a hole. */
const take = (mapping: AddressSpace, hpage: Folio, start: number, index: number): Step<Taken> =>
  atomic('page = xas_next(&xas)', (m): Taken => {
    const entry = m.get(slot(mapping, index))
    if (!entry) {
      if (index === start && !has_entry(m, mapping, start)) return { result: 'SCAN_TRUNCATED' }
      add(m, mapping.nrpages, 1)
      m.set(slot(mapping, index), hpage.pfn + index - start + 1)
      return { hole: true }
    }
    const page = kernel().page(entry - 1)
    const flags = m.get(page.flags)
    if (flags & PG_locked) return { result: 'SCAN_PAGE_LOCK' }
    m.set(page.flags, flags | PG_locked)
    add(m, page._refcount, 1)
    return { page }
  })

function* unlock_and_put(page: Folio, result: ScanResult): Steps<ScanResult> {
  yield* folio_unlock(page)
  yield* folio_put(page)
  return result
}

/** With no reference left nobody finds the page in the cache: the huge page takes its place. */
const freeze_and_replace = (mapping: AddressSpace, hpage: Folio, page: Page, start: number, index: number): Step<boolean> =>
  atomic('page_ref_freeze(page, 3); xas_store(hpage)', (m) => {
    if (m.get(page._refcount) !== FROZEN_REFS) return false
    m.set(page._refcount, 0)
    m.set(slot(mapping, index), hpage.pfn + index - start + 1)
    return true
  })

/** The rest of one round of the loop: the page leaves LRU, page tables and page cache. */
function* isolate(mapping: AddressSpace, hpage: Folio, page: Page, start: number, index: number): Steps<ScanResult> {
  if (yield* PageCompound(page)) return yield* unlock_and_put(page, yield* compound_result(page, start))
  if ((yield* folio_mapping(page)) !== mapping) return yield* unlock_and_put(page, 'SCAN_TRUNCATED')
  if (!(yield* folio_isolate_lru(page))) return yield* unlock_and_put(page, 'SCAN_DEL_PAGE_LRU')
  if (yield* folio_mapped(page)) yield* try_to_unmap(page, 0)
  if (yield* freeze_and_replace(mapping, hpage, page, start, index)) return 'SCAN_SUCCEED'
  yield* folio_putback_lru(page)
  return yield* unlock_and_put(page, 'SCAN_PAGE_COUNT')
}

/** Whether the page is a part of a huge page that is where it should be. */
export function* compound_result(page: Page, start: number): Steps<ScanResult> {
  const head = yield* compound_head(page)
  const index = yield* atomic('head->index', (m) => m.get(head.index))
  return (yield* folio_test_large(head)) && index === start ? 'SCAN_PTE_MAPPED_HUGEPAGE' : 'SCAN_PAGE_COMPOUND'
}

/** Copies the pages into the huge page, and frees them. */
function* copy(hpage: Folio, pages: readonly (Page | undefined)[]): Steps {
  for (const [i, page] of pages.entries()) {
    if (!page) {
      yield* clear_page(nth_page(hpage, i))
      continue
    }
    yield* copy_page(nth_page(hpage, i), page)
    yield* store(page.mapping, 0, { label: 'page->mapping = NULL' })
    yield* store(page._refcount, 1, { label: 'page_ref_unfreeze(page, 1)' })
    yield* clearBits(page.flags, PG_active | PG_unevictable, { label: 'ClearPageActive(page)' })
    yield* folio_unlock(page)
    yield* folio_put(page)
  }
}

/** Puts back what was taken. */
function* roll_back(mapping: AddressSpace, hpage: Folio, start: number, pages: readonly (Page | undefined)[]): Steps {
  for (const [i, page] of pages.entries()) {
    yield* atomic('xas_store(page)', (m) => {
      if (!page) add(m, mapping.nrpages, -1)
      else m.set(page._refcount, 2)
      m.set(slot(mapping, start + i), page ? page.pfn + 1 : 0)
    })
    if (!page) continue
    yield* folio_unlock(page)
    yield* folio_putback_lru(page)
  }
  yield* store(hpage.mapping, 0, { label: 'hpage->mapping = NULL' })
  yield* folio_unlock(hpage)
  yield* folio_put(hpage)
}

/**
 * mm/khugepaged.c:collapse_file, of shmem: the pages from index `start` on become a huge page, which `mm` maps at
 * `address` afterwards. No lock is held.
 */
export function* collapse_file(mm: Mm, address: number, mapping: AddressSpace, start: number, nid: number): Steps<ScanResult> {
  const nr = kernel().geometry.ptrsPerPte
  const hpage = yield* alloc_hugepage(GFP_TRANSHUGE, nid)
  if (!hpage) return 'SCAN_ALLOC_HUGE_PAGE_FAIL'
  yield* setBits(hpage.flags, PG_locked | PG_swapbacked, { label: '__SetPageLocked(hpage)', lock: folio_locked(hpage) })
  yield* store(hpage.index, start, { label: 'hpage->index = start' })
  yield* store(hpage.mapping, mapping.ref << 2, { label: 'hpage->mapping = mapping' })
  const pages: (Page | undefined)[] = []
  let result: ScanResult = 'SCAN_SUCCEED'
  while (pages.length < nr && result === 'SCAN_SUCCEED') {
    const index = start + pages.length
    const taken = yield* take(mapping, hpage, start, index)
    if ('result' in taken) result = taken.result
    else if ('hole' in taken) pages.push(undefined)
    else {
      yield* lockdep(folio_locked(taken.page))
      result = yield* isolate(mapping, hpage, taken.page, start, index)
      if (result === 'SCAN_SUCCEED') pages.push(taken.page)
    }
  }
  if (result !== 'SCAN_SUCCEED') {
    yield* roll_back(mapping, hpage, start, pages)
    return result
  }
  yield* copy(hpage, pages)
  yield* setBits(hpage.flags, PG_uptodate, { label: 'SetPageUptodate(hpage)' })
  yield* folio_ref_add(hpage, nr - 1)
  yield* setBits(hpage.flags, PG_dirty, { label: 'set_page_dirty(hpage)' })
  yield* folio_add_lru(hpage)
  const retracted = yield* retract_page_tables(mapping, start, { mm, address, hpage })
  yield* folio_unlock(hpage)
  return retracted
}

