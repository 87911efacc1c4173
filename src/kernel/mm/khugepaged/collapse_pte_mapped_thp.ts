import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { folio_test_large } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { vma_lookup } from '../find_vma.js'
import { hugepage_vma_check } from '../huge_memory/hugepage_vma_check.js'
import { linear_page_index } from '../linear_page_index.js'
import { pmd_offset } from '../pgtable.js'
import { folio_put } from '../swap/folio_put.js'
import { collapse_table } from './collapse_table.js'
import { find_pmd_or_thp_or_none } from './hugepage_vma_revalidate.js'
import { set_huge_pmd } from './retract_page_tables.js'
import type { ScanResult } from './scan_result.js'

function* collapse_locked(mm: Mm, vma: Vma, address: number, mapping: AddressSpace, page: Folio, found: ScanResult): Steps<ScanResult> {
  if (!(yield* folio_test_large(page))) return 'SCAN_FAIL'
  if (found !== 'SCAN_SUCCEED' && found !== 'SCAN_PMD_NONE') return found
  const done = found === 'SCAN_SUCCEED' ? yield* collapse_table(mm, vma, address, mapping, page) : 'SCAN_SUCCEED'
  return done === 'SCAN_SUCCEED' ? yield* set_huge_pmd(mm, vma, address, page) : done
}

/**
 * mm/khugepaged.c:collapse_pte_mapped_thp. Maps a file's huge page by one PMD where it is mapped by PTEs, or not at all.
 * `address` is aligned to a huge page. The mmap_lock is held, until 6.6 for writing.
 */
export function* collapse_pte_mapped_thp(mm: Mm, address: number): Steps<ScanResult> {
  const vma = yield* vma_lookup(mm, address)
  const found = yield* find_pmd_or_thp_or_none(pmd_offset(mm, address))
  if (found === 'SCAN_PMD_MAPPED') return found
  const mapping = vma && kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (!vma || !mapping) return 'SCAN_VMA_CHECK'
  if (address + kernel().geometry.ptrsPerPte > (yield* load(vma.vm_end, { label: 'vma->vm_end' }))) return 'SCAN_VMA_CHECK'
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (!(yield* hugepage_vma_check(vma, vm_flags, { smaps: false, in_pf: false, enforce_sysfs: false }))) return 'SCAN_VMA_CHECK'
  const page = yield* filemap_lock_page(mapping, yield* linear_page_index(vma, address))
  if (!page) return 'SCAN_PAGE_NULL'
  const result = yield* collapse_locked(mm, vma, address, mapping, page, found)
  yield* folio_unlock(page)
  yield* folio_put(page)
  return result
}
