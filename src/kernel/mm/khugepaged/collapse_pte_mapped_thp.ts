import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { folio_test_large, nth_page } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { type Pmd, type Pte, pte_dirty, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { vma_lookup } from '../find_vma.js'
import { hugepage_vma_check } from '../huge_memory/hugepage_vma_check.js'
import { linear_page_index } from '../linear_page_index.js'
import { pmd_offset, pmdp_get, pte_lockptr, ptep_get } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { anon_vma_root } from '../rmap/rmap_walk.js'
import { folio_put, folio_put_refs } from '../swap/folio_put.js'
import { find_pmd_or_thp_or_none } from './hugepage_vma_revalidate.js'
import { collapse_and_free_pmd, set_huge_pmd } from './retract_page_tables.js'
import type { ScanResult } from './scan_result.js'

/** Whether an entry maps nothing, or the page of the huge page that belongs there. */
const fits = (pte: Pte, hpage: Folio, i: number): ScanResult => {
  if (pte_none(pte)) return 'SCAN_SUCCEED'
  if (!pte_present(pte)) return 'SCAN_PTE_NON_PRESENT'
  return pte_pfn(pte) === hpage.pfn + i ? 'SCAN_SUCCEED' : 'SCAN_FAIL'
}

/** A proposal: an entry goes, and what it knows of writes goes to the folio. As released nobody asks. */
function* take_dirty(mm: Mm, address: number, ptep: Cell, hpage: Folio): Steps {
  if (!has('collapse-keeps-dirty')) return
  if (pte_dirty(yield* ptep_get_and_clear(mm, address, ptep))) yield* setBits(hpage.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
}

/** Under the page-table lock: drops the mappings of the parts, if that is all the table has. Their number, or why not. */
function* remove_mappings(mm: Mm, vma: Vma, address: number, pmd: Pmd, hpage: Folio): Steps<number | ScanResult> {
  const { entries } = kernel().pmd_pgtable(pmd)
  const mapped: number[] = []
  for (const [i, ptep] of entries.entries()) {
    const pte = yield* ptep_get(ptep)
    const result = fits(pte, hpage, i)
    if (result !== 'SCAN_SUCCEED') return result
    if (!pte_none(pte)) mapped.push(i)
  }
  for (const i of mapped) {
    yield* take_dirty(mm, address + i, entries[i]!, hpage)
    yield* page_remove_rmap(nth_page(hpage, i), vma, false)
  }
  return mapped.length
}

/** Takes the table away, with the lock that keeps the reverse map of anonymous pages out. */
function* free_table_of(mm: Mm, vma: Vma, address: number, pmdp: Cell): Steps {
  const locked = has('8d3c106e19e8')
  const anon_vma = locked && kernel().anonVmas.at(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  const root = anon_vma && (yield* anon_vma_root(anon_vma))
  if (root) yield* down_write(root.rwsem, 'anon_vma_lock_write(anon_vma)')
  yield* collapse_and_free_pmd(mm, address, pmdp)
  if (root) yield* up_write(root.rwsem, 'anon_vma_unlock_write()')
}

/** With the locks that keep out whoever comes to the table by the file. */
function* collapse_table(mm: Mm, vma: Vma, address: number, mapping: AddressSpace, hpage: Folio): Steps<ScanResult> {
  const pmdp = pmd_offset(mm, address)
  const locked = has('8d3c106e19e8')
  if (locked) yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  const pmd = yield* pmdp_get(pmdp)
  yield* spin_lock(pte_lockptr(pmd))
  const removed = yield* remove_mappings(mm, vma, address, pmd, hpage)
  yield* spin_unlock(pte_lockptr(pmd))
  const tooEarly = has('mutant-mapping-unlocked-first')
  if (tooEarly) yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  if (typeof removed === 'number') {
    if (removed > 0) yield* folio_put_refs(hpage, removed)
    yield* free_table_of(mm, vma, address, pmdp)
  }
  if (locked && !tooEarly) yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  return typeof removed === 'number' ? 'SCAN_SUCCEED' : removed
}

function* collapse_locked(mm: Mm, vma: Vma, address: number, mapping: AddressSpace, page: Folio, found: ScanResult): Steps<ScanResult> {
  if (!(yield* folio_test_large(page))) return 'SCAN_FAIL'
  if (found !== 'SCAN_SUCCEED' && found !== 'SCAN_PMD_NONE') return found
  const done = found === 'SCAN_SUCCEED' ? yield* collapse_table(mm, vma, address, mapping, page) : 'SCAN_SUCCEED'
  return done === 'SCAN_SUCCEED' ? yield* set_huge_pmd(mm, vma, address, page) : done
}

/**
 * mm/khugepaged.c:collapse_pte_mapped_thp. Maps a file's huge page by one PMD where it is mapped by PTEs, or not at all.
 * `address` is aligned to a huge page. The mmap_lock is held for writing.
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
