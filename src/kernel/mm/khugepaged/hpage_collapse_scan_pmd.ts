import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_locked, PG_lru, PG_referenced } from '../../include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { _PAGE_UFFD_WP, type Pte, pte_none, pte_pfn, pte_present, pte_write, pte_young } from '../../include/pgtable.js'
import { is_swap_pte, SWP_UFFD_WP } from '../../include/swapops.js'
import { userfaultfd_armed } from '../../fs/userfaultfd/userfaultfd_armed.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { lock_page_table, pte_map_may_fail } from '../memory/pte_lock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { pmd_offset, pmdp_get, pte_lockptr, ptep_get } from '../pgtable.js'
import { page_mapcount } from '../rmap/mapcount.js'
import type { CollapseControl } from './collapse_control.js'
import { collapse_huge_page } from './collapse_huge_page.js'
import { is_refcount_suitable } from './collapse_isolate.js'
import { find_pmd_or_thp_or_none } from './hugepage_vma_revalidate.js'
import { hpage_collapse_find_target_node } from './target_node.js'
import type { ScanResult } from './scan_result.js'

/** What the scan has counted so far. */
interface Scan {
  readonly result: ScanResult
  readonly unmapped: number
  readonly none_or_zero: number
  readonly shared: number
  readonly referenced: boolean
  readonly writable: boolean
  /** Pages per node. */
  readonly node_load: readonly number[]
}

/** Whether a page that is mapped here could go into a huge page. Nothing is held: it may change. */
function* check_page(page: Page): Steps<ScanResult> {
  const folio = yield* compound_head(page)
  const flags = yield* load(folio.flags, { label: 'folio->flags' })
  if (!(flags & PG_lru)) return 'SCAN_PAGE_LRU'
  if (flags & PG_locked) return 'SCAN_PAGE_LOCK'
  if (!((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON)) return 'SCAN_PAGE_ANON'
  return (yield* is_refcount_suitable(folio)) ? 'SCAN_SUCCEED' : 'SCAN_PAGE_COUNT'
}

function* scan_present(vma: Vma, address: number, pte: Pte, cc: CollapseControl, scan: Scan): Steps<Scan> {
  if (pte & _PAGE_UFFD_WP) return { ...scan, result: 'SCAN_PTE_UFFD_WP' }
  const writable = scan.writable || pte_write(pte)
  const page = yield* vm_normal_page(vma, address, pte)
  if (!page || kernel().memory.isDevice(page)) return { ...scan, writable, result: 'SCAN_PAGE_NULL' }
  const shared = scan.shared + ((yield* page_mapcount(page)) > 1 ? 1 : 0)
  if (cc.is_khugepaged && shared > cc.max_ptes_shared) return { ...scan, writable, result: 'SCAN_EXCEED_SHARED_PTE' }
  const result = yield* check_page(page)
  const node_load = scan.node_load.map((n, nid) => (nid === page.nid ? n + 1 : n))
  const referenced = scan.referenced || pte_young(pte) ||
    ((yield* load(page.flags, { label: 'folio_test_referenced()' })) & PG_referenced) !== 0
  return { ...scan, result, shared, writable, referenced, node_load }
}

/** One round of the loop. */
function* scan_pte(vma: Vma, address: number, pte: Pte, cc: CollapseControl, scan: Scan): Steps<Scan> {
  if (is_swap_pte(pte)) {
    const unmapped = scan.unmapped + 1
    if (cc.is_khugepaged && unmapped > cc.max_ptes_swap) return { ...scan, result: 'SCAN_EXCEED_SWAP_PTE' }
    return { ...scan, unmapped, result: pte & SWP_UFFD_WP ? 'SCAN_PTE_UFFD_WP' : 'SCAN_SUCCEED' }
  }
  if (pte_none(pte) || (pte_present(pte) && pte_pfn(pte) === kernel().memory.zeroPage.pfn)) {
    const none_or_zero = scan.none_or_zero + 1
    const exceeds = cc.is_khugepaged && none_or_zero > cc.max_ptes_none
    if (exceeds || (yield* userfaultfd_armed(vma))) return { ...scan, result: 'SCAN_EXCEED_NONE_PTE' }
    return { ...scan, none_or_zero }
  }
  return yield* scan_present(vma, address, pte, cc, scan)
}

function* scan_table(mm: Mm, vma: Vma, address: number, cc: CollapseControl): Steps<Scan> {
  const pmdp = pmd_offset(mm, address)
  const pmd = yield* lock_page_table(pmdp, pte_map_may_fail() ? 0 : yield* pmdp_get(pmdp))
  let scan: Scan = {
    result: 'SCAN_SUCCEED', unmapped: 0, none_or_zero: 0, shared: 0, referenced: false, writable: false,
    node_load: Array.from({ length: kernel().geometry.nodes }, () => 0),
  }
  if (pmd === undefined) return { ...scan, result: 'SCAN_PMD_NULL' }
  for (const [i, ptep] of kernel().pmd_pgtable(pmd).entries.entries()) {
    scan = yield* scan_pte(vma, address + i, yield* ptep_get(ptep), cc, scan)
    if (scan.result !== 'SCAN_SUCCEED') break
  }
  yield* spin_unlock(pte_lockptr(pmd))
  if (scan.result !== 'SCAN_SUCCEED') return scan
  if (!scan.writable && !has('collapse-read-only')) return { ...scan, result: 'SCAN_PAGE_RO' }
  return cc.is_khugepaged && !scan.referenced ? { ...scan, result: 'SCAN_LACK_REFERENCED_PAGE' } : scan
}

/**
 * mm/khugepaged.c:hpage_collapse_scan_pmd. Looks whether the pages below one PMD can become a huge page, and does it.
 * The mmap_lock is held for reading; `locked` tells whether it still is.
 */
export function* hpage_collapse_scan_pmd(
  mm: Mm, vma: Vma, address: number, cc: CollapseControl,
): Steps<{ readonly result: ScanResult; readonly locked: boolean }> {
  const found = yield* find_pmd_or_thp_or_none(pmd_offset(mm, address))
  if (found !== 'SCAN_SUCCEED') return { result: found, locked: true }
  const scan = yield* scan_table(mm, vma, address, cc)
  if (scan.result !== 'SCAN_SUCCEED') return { result: scan.result, locked: true }
  const nid = hpage_collapse_find_target_node(scan.node_load)
  return { result: yield* collapse_huge_page(mm, address, cc, nid, scan.unmapped > 0), locked: false }
}
