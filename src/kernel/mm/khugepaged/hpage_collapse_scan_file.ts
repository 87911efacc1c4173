import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { PageCompound } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_lru, PG_private } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { xas_load } from '../filemap/filemap_get_folio.js'
import { page_mapcount } from '../rmap/mapcount.js'
import { collapse_file, compound_result } from './collapse_file.js'
import { hpage_collapse_find_target_node } from './target_node.js'
import type { ScanResult } from './scan_result.js'

/** Only the page cache and page tables may refer to the page. */
function* scan_page(page: Page, start: number): Steps<ScanResult> {
  if (yield* PageCompound(page)) return yield* compound_result(page, start)
  const flags = yield* load(page.flags, { label: 'PageLRU(page)' })
  if (!(flags & PG_lru)) return 'SCAN_PAGE_LRU'
  const expected = 1 + (yield* page_mapcount(page)) + (flags & PG_private ? 1 : 0)
  return (yield* folio_ref_count(page)) === expected ? 'SCAN_SUCCEED' : 'SCAN_PAGE_COUNT'
}

/** mm/khugepaged.c:hpage_collapse_scan_file, for madvise(MADV_COLLAPSE). */
export function* hpage_collapse_scan_file(mm: Mm, address: number, mapping: AddressSpace, start: number): Steps<ScanResult> {
  const { nodes, ptrsPerPte } = kernel().geometry
  const node_load = Array.from({ length: nodes }, () => 0)
  for (let index = start; index < start + ptrsPerPte; index++) {
    const page = yield* xas_load(mapping, index)
    if (!page) continue
    const result = yield* scan_page(page, start)
    if (result !== 'SCAN_SUCCEED') return result
    node_load[page.nid]! += 1
  }
  return yield* collapse_file(mm, address, mapping, start, hpage_collapse_find_target_node(node_load))
}
