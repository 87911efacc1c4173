import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { pmd_bad, pmd_none, pmd_present, pmd_trans_huge } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { find_vma } from '../find_vma.js'
import { hugepage_vma_check, transhuge_vma_suitable } from '../huge_memory/hugepage_vma_check.js'
import { pmdp_get } from '../pgtable.js'
import type { CollapseControl } from './collapse_control.js'
import type { ScanResult } from './scan_result.js'

/** mm/khugepaged.c:hpage_collapse_test_exit, with the mmap_lock held: the last user has gone, and waits for that lock. */
export function* hpage_collapse_test_exit(mm: Mm): Steps<boolean> {
  return (yield* load(mm.mm_users, { label: 'hpage_collapse_test_exit(mm)' })) === 0
}

/** mm/khugepaged.c:hugepage_vma_revalidate, after the mmap_lock was dropped. */
export function* hugepage_vma_revalidate(
  mm: Mm, address: number, expect_anon: boolean, cc: CollapseControl,
): Steps<{ readonly result: ScanResult; readonly vma?: Vma }> {
  if (yield* hpage_collapse_test_exit(mm)) return { result: 'SCAN_ANY_PROCESS' }
  const vma = yield* find_vma(mm, address)
  if (!vma) return { result: 'SCAN_VMA_NULL' }
  if (!(yield* transhuge_vma_suitable(vma, address))) return { result: 'SCAN_ADDRESS_RANGE' }
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (!(yield* hugepage_vma_check(vma, flags, { smaps: false, in_pf: false, enforce_sysfs: cc.is_khugepaged }))) {
    return { result: 'SCAN_VMA_CHECK' }
  }
  if (expect_anon && (!(yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) ||
    (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })))) return { result: 'SCAN_PAGE_ANON' }
  return { result: 'SCAN_SUCCEED', vma }
}

/** mm/khugepaged.c:find_pmd_or_thp_or_none. Only SCAN_SUCCEED says that there is a table. */
export function* find_pmd_or_thp_or_none(pmdp: Cell): Steps<ScanResult> {
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd)) return 'SCAN_PMD_NONE'
  if (!pmd_present(pmd)) return 'SCAN_PMD_NULL'
  if (pmd_trans_huge(pmd)) return 'SCAN_PMD_MAPPED'
  return pmd_bad(pmd) ? 'SCAN_PMD_NULL' : 'SCAN_SUCCEED'
}
