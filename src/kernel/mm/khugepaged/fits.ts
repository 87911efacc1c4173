import type { Folio } from '../../include/page.js'
import { type Pte, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import type { ScanResult } from './scan_result.js'

/** Whether an entry maps nothing, or the page of the huge page that belongs there. */
export const fits = (pte: Pte, hpage: Folio, i: number): ScanResult => {
  if (pte_none(pte)) return 'SCAN_SUCCEED'
  if (!pte_present(pte)) return 'SCAN_PTE_NON_PRESENT'
  return pte_pfn(pte) === hpage.pfn + i ? 'SCAN_SUCCEED' : 'SCAN_FAIL'
}
