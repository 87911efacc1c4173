import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { pte_modify, pte_none } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write } from '../../locking/rwsem.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_flush_mmu_tlbonly, tlb_flush_pte_range, tlb_gather_mmu_vma } from '../mmu_gather/mmu_gather.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get, set_huge_pte_at } from './huge_pte.js'
import { huge_pmd_unshare, huge_pmd_unshare_flush, i_mmap_unlock_unshared } from './huge_pmd_unshare.js'
import { hugetlb_vma_lock_write, hugetlb_vma_unlock_write } from './hugetlb_vma_lock.js'
import { range_with_shared } from './unmap_hugepage_range.js'

/** Whether the whole table went, because others use it too. */
function* change_locked(mm: Mm, tlb: MmuGather, address: number, pte: HugePte, prot: number): Steps<boolean> {
  if (yield* huge_pmd_unshare(tlb, mm, address, pte)) return true
  if (pte_none(yield* huge_ptep_get(pte.ptep))) return false
  const old = yield* ptep_get_and_clear(mm, address, pte.ptep)
  yield* set_huge_pte_at(pte.ptep, pte_modify(old, prot))
  yield* tlb_flush_pte_range(tlb, address, address + 1)
  return false
}

/** One entry. Returns the address to go on from. */
function* change_entry(mm: Mm, tlb: MmuGather, address: number, prot: number): Steps<number> {
  const pte = yield* huge_pte_offset(mm, address)
  if (!pte) return pmd_addr_end(address, Infinity)
  yield* huge_pte_lock(pte)
  const unshared = yield* change_locked(mm, tlb, address, pte, prot)
  yield* huge_pte_unlock(pte)
  return unshared ? pmd_addr_end(address, Infinity) : address + 1
}

/** mm/hugetlb.c:hugetlb_change_protection. The TLB is flushed before the locks are dropped. */
export function* hugetlb_change_protection(mm: Mm, vma: Vma, start: number, end: number, prot: number): Steps {
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  const [from, to] = yield* range_with_shared(vma, start, end)
  const tlb = yield* tlb_gather_mmu_vma(mm)
  yield* mmu_notifier_invalidate_range_start(mm, from, to)
  yield* hugetlb_vma_lock_write(vma)
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  for (let at = start; at < end;) at = yield* change_entry(mm, tlb, at, prot)
  yield* tlb_flush_mmu_tlbonly(mm, tlb)
  yield* huge_pmd_unshare_flush(mm, tlb)
  yield* i_mmap_unlock_unshared(mapping, tlb)
  yield* hugetlb_vma_unlock_write(vma)
  yield* mmu_notifier_invalidate_range_end(mm, from, to)
  yield* tlb_finish_mmu(mm, tlb)
}
