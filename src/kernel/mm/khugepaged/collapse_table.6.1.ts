import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { nth_page } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import { type Pmd, pte_none } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { pmd_offset, pmdp_get, pte_lockptr, ptep_get } from '../pgtable.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { anon_vma_root } from '../rmap/rmap_walk.js'
import { folio_put_refs } from '../swap/folio_put.js'
import { fits } from './fits.js'
import { collapse_and_free_pmd } from './retract_page_tables.js'
import type { ScanResult } from './scan_result.js'
import { take_dirty } from './take_dirty.js'

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

/** The same until 6.6, with the mmap_lock held for writing, and with the locks that keep out whoever comes to the table by the file. */
export function* collapse_table_6_1(mm: Mm, vma: Vma, address: number, mapping: AddressSpace, hpage: Folio): Steps<ScanResult> {
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
