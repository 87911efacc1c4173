import type { Cell } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { pmd_none } from '../../include/pgtable.js'
import { VM_LOCKED_CLEAR_MASK, VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { linear_page_index } from '../linear_page_index.js'
import { pmd_populate, pte_alloc_one, pte_free, pte_index } from '../pgtable.js'
import { entry_in, type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, pud_offset } from './huge_pte.js'

/** Whether the VMA covers all that the table for the address maps. */
export function* covers_table(vma: Vma, address: number): Steps<boolean> {
  const base = address - pte_index(address)
  if ((yield* load(vma.vm_start, { label: 'vma->vm_start' })) > base) return false
  return base + kernel().geometry.ptrsPerPte <= (yield* load(vma.vm_end, { label: 'vma->vm_end' }))
}

/** mm/hugetlb.c:want_pmd_share */
export function* want_pmd_share(vma: Vma, address: number): Steps<boolean> {
  if (!kernel().profile.hugePmdShare) return false
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_MAYSHARE' })) & VM_MAYSHARE)) return false
  if (!(yield* load(vma.vm_private_data, { label: 'vma->vm_private_data' }))) return false
  return yield* covers_table(vma, address)
}

/** mm/hugetlb.c:page_table_shareable. The address where the other VMA maps this place of the file, if it can share its table. */
export function* page_table_shareable(svma: Vma, vma: Vma, address: number, index: number): Steps<number | undefined> {
  const saddr = (yield* load(svma.vm_start, { label: 'svma->vm_start' })) + index -
    (yield* load(svma.vm_pgoff, { label: 'svma->vm_pgoff' }))
  const flags = (yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_LOCKED_CLEAR_MASK
  const sflags = (yield* load(svma.vm_flags, { label: 'svma->vm_flags' })) & VM_LOCKED_CLEAR_MASK
  if (pte_index(address) !== pte_index(saddr) || flags !== sflags) return undefined
  if (!(yield* covers_table(svma, saddr))) return undefined
  return (yield* load(svma.vm_private_data, { label: 'svma->vm_private_data' })) ? saddr : undefined
}

/** Counts us in as a user of the table of another VMA that maps this place of the file. */
function* find_shared(vma: Vma, address: number, i_mmap: Cell): Steps<HugePte | undefined> {
  const { mms, vmas } = kernel()
  const index = yield* linear_page_index(vma, address)
  const all = yield* atomic('vma_interval_tree_foreach(svma)', (m) => {
    const found: Vma[] = []
    for (let at = vmas.at(m.get(i_mmap)); at; at = vmas.at(m.get(at.i_mmap))) {
      const first = m.get(at.vm_pgoff)
      if (at !== vma && first <= index && index < first + m.get(at.vm_end) - m.get(at.vm_start)) found.push(at)
    }
    return found
  })
  for (const svma of all) {
    const saddr = yield* page_table_shareable(svma, vma, address, index)
    if (saddr === undefined) continue
    const spte = yield* huge_pte_offset(mms.deref(yield* load(svma.vm_mm, { label: 'svma->vm_mm' })), saddr)
    if (!spte) continue
    yield* fetchAdd(spte.table.pt_share_count, 1, { label: 'atomic_inc(&pt_share_count)' })
    return spte
  }
  return undefined
}

/** mm/memory.c:__pmd_alloc, if there is no table yet. */
export function* pmd_alloc(mm: Mm, address: number): Steps<HugePte> {
  const found = yield* huge_pte_offset(mm, address)
  if (found) return found
  const table = yield* pte_alloc_one('table = pmd_alloc_one(mm)')
  yield* spin_lock(mm.page_table_lock, 'pud_lock(mm, pud)')
  const other = yield* huge_pte_offset(mm, address)
  if (!other) {
    yield* fetchAdd(mm.nr_ptes, 1, { label: 'mm_inc_nr_pmds(mm)' })
    yield* pmd_populate(pud_offset(mm, address), table, 'pud_populate(mm, pud, table)')
  }
  yield* spin_unlock(mm.page_table_lock)
  if (other) yield* pte_free(table)
  return other ?? entry_in(table, address)
}

/** mm/hugetlb.c:huge_pmd_share. i_mmap_rwsem keeps those whose tables may be shared from unsharing them. */
export function* huge_pmd_share(mm: Mm, vma: Vma, address: number): Steps<HugePte> {
  const { files } = kernel()
  const mapping = files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  const spte = yield* find_shared(vma, address, mapping.i_mmap)
  if (spte) {
    const pudp = pud_offset(mm, address)
    yield* huge_pte_lock(spte)
    if (pmd_none(yield* load(pudp, { label: 'pud_none(*pud)' }))) {
      yield* pmd_populate(pudp, spte.table, 'pud_populate(mm, pud, spte)')
      yield* fetchAdd(mm.nr_ptes, 1, { label: 'mm_inc_nr_pmds(mm)' })
    } else yield* fetchAdd(spte.table.pt_share_count, -1, { label: 'atomic_dec(&pt_share_count)' })
    yield* huge_pte_unlock(spte)
  }
  const pte = yield* pmd_alloc(mm, address)
  yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read()')
  return pte
}

/** mm/hugetlb.c:huge_pte_alloc. The entry for an address, in a table that may be another's as well. */
export function* huge_pte_alloc(mm: Mm, vma: Vma, address: number): Steps<HugePte> {
  const share = (yield* want_pmd_share(vma, address)) &&
    pmd_none(yield* load(pud_offset(mm, address), { label: 'pud_none(*pud)' }))
  return share ? yield* huge_pmd_share(mm, vma, address) : yield* pmd_alloc(mm, address)
}
