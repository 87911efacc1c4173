import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_nr_pages, folio_test_large, PageCompound } from '../../include/compound.js'
import { is_swapcache, PG_referenced } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import {
  _PAGE_UFFD_WP, type Pmd, type Pte, pte_none, pte_pfn, pte_present, pte_write, pte_young,
} from '../../include/pgtable.js'
import { userfaultfd_armed } from '../../fs/userfaultfd/userfaultfd_armed.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { ptep_get } from '../pgtable.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { folio_mapcount, page_mapcount } from '../rmap/mapcount.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import type { CollapseControl } from './collapse_control.js'
import type { ScanResult } from './scan_result.js'

const is_zero_pfn = (pte: Pte): boolean => pte_pfn(pte) === kernel().memory.zeroPage.pfn

/** mm/khugepaged.c:is_refcount_suitable. Anything but mappings and the swap cache is a pin, or may be one. */
export function* is_refcount_suitable(folio: Folio): Steps<boolean> {
  const mapped = yield* folio_mapcount(folio)
  const flags = yield* load(folio.flags, { label: 'PageSwapCache(page)' })
  const expected = mapped + (is_swapcache(flags) ? yield* folio_nr_pages(folio) : 0)
  return (yield* folio_ref_count(folio)) === expected
}

/** mm/khugepaged.c:release_pte_page */
export function* release_pte_page(folio: Folio): Steps {
  yield* folio_unlock(folio)
  yield* folio_putback_lru(folio)
}

/** mm/khugepaged.c:release_pte_pages: undoes the isolation of the entries before `end`, and of the huge pages. */
export function* release_pte_pages(pteps: readonly Cell[], end: number, compound: readonly Folio[]): Steps {
  for (let i = end - 1; i >= 0; i--) {
    const pte = yield* ptep_get(pteps[i]!)
    if (pte_none(pte) || is_zero_pfn(pte)) continue
    const page = kernel().page(pte_pfn(pte))
    if (!(yield* PageCompound(page))) yield* release_pte_page(page)
  }
  for (const folio of compound) yield* release_pte_page(folio)
}

/** What one entry says: nothing there, go on; or stop. */
type Isolated =
  | { readonly result: ScanResult }
  | { readonly none: true }
  | { readonly folio: Folio; readonly large: boolean; readonly shared: number }

/** Locks the folio, checks that nobody but the page tables refers to it, and takes it off the LRU. */
function* isolate_folio(folio: Folio): Steps<ScanResult> {
  if (!(yield* folio_trylock(folio))) return 'SCAN_PAGE_LOCK'
  if (!(yield* is_refcount_suitable(folio))) {
    yield* folio_unlock(folio)
    return 'SCAN_PAGE_COUNT'
  }
  if (yield* folio_isolate_lru(folio)) return 'SCAN_SUCCEED'
  yield* folio_unlock(folio)
  return 'SCAN_DEL_PAGE_LRU'
}

/**
 * One round of the loop of __collapse_huge_page_isolate(). `seen`: huge pages that are isolated already.
 * `shared`: pages before this one that others map too.
 */
function* isolate_one(vma: Vma, address: number, pte: Pte, cc: CollapseControl, seen: readonly Folio[], shared: number): Steps<Isolated> {
  if (pte_none(pte) || (pte_present(pte) && is_zero_pfn(pte))) return { none: true }
  if (!pte_present(pte)) return { result: 'SCAN_PTE_NON_PRESENT' }
  if (pte & _PAGE_UFFD_WP) return { result: 'SCAN_PTE_UFFD_WP' }
  const page: Page | undefined = yield* vm_normal_page(vma, address, pte)
  if (!page || kernel().memory.isDevice(page)) return { result: 'SCAN_PAGE_NULL' }
  const mapcount = yield* page_mapcount(page)
  const nowShared = mapcount > 1 ? shared + 1 : shared
  if (cc.is_khugepaged && nowShared > cc.max_ptes_shared) return { result: 'SCAN_EXCEED_SHARED_PTE' }
  const folio = yield* compound_head(page)
  const large = yield* folio_test_large(folio)
  if (large && seen.includes(folio)) return { folio, large: false, shared: nowShared }
  const result = yield* isolate_folio(folio)
  return result === 'SCAN_SUCCEED' ? { folio, large, shared: nowShared } : { result }
}

/** mm/khugepaged.c:__collapse_huge_page_isolate. On success the huge pages that were isolated; else why not. */
export function* __collapse_huge_page_isolate(
  vma: Vma, address: number, pmd: Pmd, cc: CollapseControl,
): Steps<{ readonly result: ScanResult; readonly compound: readonly Folio[] }> {
  const pteps = kernel().pmd_pgtable(pmd).entries
  let compound: readonly Folio[] = []
  let none_or_zero = 0
  let shared = 0
  let referenced = false
  let writable = false
  let result: ScanResult = 'SCAN_SUCCEED'
  let i = 0
  for (; i < pteps.length && result === 'SCAN_SUCCEED'; i++) {
    const pte = yield* ptep_get(pteps[i]!)
    const one = yield* isolate_one(vma, address + i, pte, cc, compound, shared)
    if ('none' in one) {
      if ((yield* userfaultfd_armed(vma)) || (cc.is_khugepaged && ++none_or_zero > cc.max_ptes_none)) result = 'SCAN_EXCEED_NONE_PTE'
    } else if ('result' in one) result = one.result
    else {
      shared = one.shared
      if (one.large) compound = [...compound, one.folio]
      if (cc.is_khugepaged && !referenced) referenced = pte_young(pte) || (yield* folio_test_referenced(one.folio))
      if (pte_write(pte)) writable = true
    }
  }
  if (result === 'SCAN_SUCCEED' && !writable && !has('collapse-read-only')) result = 'SCAN_PAGE_RO'
  else if (result === 'SCAN_SUCCEED' && cc.is_khugepaged && !referenced) result = 'SCAN_LACK_REFERENCED_PAGE'
  else if (result === 'SCAN_SUCCEED') return { result, compound }
  const failed = result === 'SCAN_PAGE_RO' || result === 'SCAN_LACK_REFERENCED_PAGE' ? i : i - 1
  yield* release_pte_pages(pteps, failed, compound)
  return { result, compound: [] }
}

function* folio_test_referenced(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.flags, { label: 'PageReferenced(page)' })) & PG_referenced) !== 0
}
