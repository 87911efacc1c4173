import { fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Mm } from '../../include/mm.js'
import { VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { up_write } from '../../locking/rwsem.js'
import type { MmuGather } from '../../percpu.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_flush_mmu_tlbonly, tlb_flush_pte_range, tlb_gather_mmu_vma } from '../mmu_gather/mmu_gather.js'
import { tlb_remove_table_sync_one } from '../mmu_gather/tlb_remove_table_sync_one.js'
import { pte_index } from '../pgtable.js'
import { covers_table } from './huge_pmd_share.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, pud_offset } from './huge_pte.js'

/** include/asm-generic/tlb.h:tlb_unshare_pmd_ptdesc */
export function* tlb_unshare_pmd_ptdesc(tlb: MmuGather, { table }: HugePte, address: number): Steps {
  const base = address - pte_index(address)
  yield* fetchAdd(table.pt_share_count, -1, { label: 'atomic_dec(&pt_share_count)' })
  if (!(yield* load(table.pt_share_count, { label: 'pt_share_count' }))) {
    yield* store(tlb.fully_unshared_tables, 1, { label: 'tlb->fully_unshared_tables = 1' })
  }
  if (!has('a4a118f2eead')) return
  yield* tlb_flush_pte_range(tlb, base, base + kernel().geometry.ptrsPerPte)
  yield* store(tlb.unshared_tables, 1, { label: 'tlb->unshared_tables = 1' })
}

/**
 * mm/hugetlb.c:huge_pmd_unshare. Under the lock of the table, and with i_mmap_rwsem for writing: if others use the table too,
 * this address space does without it. The caller must call huge_pmd_unshare_flush() before it drops i_mmap_rwsem.
 */
export function* huge_pmd_unshare(tlb: MmuGather, mm: Mm, address: number, pte: HugePte): Steps<boolean> {
  if (!kernel().profile.hugePmdShare) return false
  if (!(yield* load(pte.table.pt_share_count, { label: 'pt_share_count' }))) return false
  yield* store(pud_offset(mm, address), 0, { label: 'pud_clear(pud)' })
  yield* tlb_unshare_pmd_ptdesc(tlb, pte, address)
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_pmds(mm)' })
  return true
}

/** No walker without locks is in a table that has one user left, who may put anything in. */
function* sync_walkers(tlb: MmuGather): Steps {
  if (!has('1013af4f585f')) return
  if (!(yield* load(tlb.fully_unshared_tables, { label: 'tlb->fully_unshared_tables' }))) return
  yield* tlb_remove_table_sync_one()
  yield* store(tlb.fully_unshared_tables, 0, { label: 'tlb->fully_unshared_tables = 0' })
}

/** mm/hugetlb.c:huge_pmd_unshare_flush and include/asm-generic/tlb.h:tlb_flush_unshared_tables */
export function* huge_pmd_unshare_flush(mm: Mm, tlb: MmuGather): Steps {
  if (yield* load(tlb.unshared_tables, { label: 'tlb->unshared_tables' })) yield* tlb_flush_mmu_tlbonly(mm, tlb)
  if (!has('mutant-unshare-sync-late')) yield* sync_walkers(tlb)
}

/** i_mmap_unlock_write() after huge_pmd_unshare_flush(): from here on the others may use the table as their own. */
export function* i_mmap_unlock_unshared(mapping: AddressSpace, tlb: MmuGather): Steps {
  yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  if (has('mutant-unshare-sync-late')) yield* sync_walkers(tlb)
}

/** mm/hugetlb.c:hugetlb_unshare_pmds of the table for one address. */
export function* hugetlb_unshare_pmds(mm: Mm, vma: Vma, address: number): Steps {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_MAYSHARE' })) & VM_MAYSHARE)) return
  const start = address - pte_index(address)
  const end = start + kernel().geometry.ptrsPerPte
  const tlb = yield* tlb_gather_mmu_vma(mm)
  yield* mmu_notifier_invalidate_range_start(mm, start, end)
  const pte = yield* huge_pte_offset(mm, start)
  if (pte) {
    yield* huge_pte_lock(pte)
    yield* huge_pmd_unshare(tlb, mm, start, pte)
    yield* huge_pte_unlock(pte)
  }
  yield* huge_pmd_unshare_flush(mm, tlb)
  yield* mmu_notifier_invalidate_range_end(mm, start, end)
  yield* tlb_finish_mmu(mm, tlb)
}

/** mm/hugetlb.c:hugetlb_split. A VMA that is about to lose a part of what a table maps does without a shared one. */
export function* hugetlb_split(mm: Mm, vma: Vma, address: number): Steps {
  if (pte_index(address) === 0 || !(yield* covers_table(vma, address))) return
  yield* hugetlb_unshare_pmds(mm, vma, address)
}
