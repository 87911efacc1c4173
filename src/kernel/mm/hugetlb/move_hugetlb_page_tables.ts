import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { pte_none } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { down_write } from '../../locking/rwsem.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { move_starts, promise } from '../../observer.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_flush_mmu_tlbonly, tlb_flush_pte_range, tlb_gather_mmu_vma } from '../mmu_gather/mmu_gather.js'
import type { Move } from '../mremap/move_page_tables.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { huge_pte_alloc, pmd_alloc } from './huge_pmd_share.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get, set_huge_pte_at } from './huge_pte.js'
import { huge_pmd_unshare, huge_pmd_unshare_flush, i_mmap_unlock_unshared } from './huge_pmd_unshare.js'
import { hugetlb_vma_lock_write, hugetlb_vma_unlock_write } from './hugetlb_vma_lock.js'
import { range_with_shared } from './unmap_hugepage_range.js'

function* clear_and_set(mm: Mm, old_address: number, src: HugePte, dst: HugePte): Steps {
  const pte = yield* ptep_get_and_clear(mm, old_address, src.ptep)
  yield* set_huge_pte_at(dst.ptep, pte)
}

/** As proposed: nobody sees a state in between. */
function* move_and_flush(mm: Mm, tlb: MmuGather, old_address: number, src: HugePte, dst: HugePte): Steps {
  if (pte_none(yield* huge_ptep_get(src.ptep))) return
  yield* clear_and_set(mm, old_address, src, dst)
  yield* tlb_flush_pte_range(tlb, old_address, old_address + 1)
  yield* tlb_flush_mmu_tlbonly(mm, tlb)
}

/** mm/hugetlb.c:move_huge_pte. The TLB is flushed later, with the tables unlocked. */
export function* move_huge_pte(mm: Mm, tlb: MmuGather, old_address: number, src: HugePte, dst: HugePte): Steps {
  const two = src.table !== dst.table
  yield* huge_pte_lock(dst)
  if (two) yield* spin_lock(src.table.ptl, 'spin_lock(src_ptl)', SINGLE_DEPTH_NESTING)
  yield* has('hugetlb-move-locked') ? move_and_flush(mm, tlb, old_address, src, dst) : clear_and_set(mm, old_address, src, dst)
  if (two) yield* spin_unlock(src.table.ptl, 'spin_unlock(src_ptl)')
  yield* huge_pte_unlock(dst)
}

/** One entry. Returns the old address to go on from. A shared table is not moved: the next fault at the new address maps what it mapped. */
function* move_entry({ mm, new_vma }: Move, tlb: MmuGather, old_address: number, new_address: number): Steps<number> {
  const src = yield* huge_pte_offset(mm, old_address)
  if (!src) return pmd_addr_end(old_address, Infinity)
  const unlocked = !has('hugetlb-move-locked') || has('mutant-move-looks-unlocked')
  if (unlocked && pte_none(yield* huge_ptep_get(src.ptep))) return old_address + 1
  if (yield* huge_pmd_unshare(tlb, mm, old_address, src)) return pmd_addr_end(old_address, Infinity)
  const dst = yield* has('hugetlb-move-unshared') ? pmd_alloc(mm, new_address) : huge_pte_alloc(mm, new_vma, new_address)
  yield* move_huge_pte(mm, tlb, old_address, src, dst)
  yield* tlb_flush_pte_range(tlb, old_address, old_address + 1)
  return old_address + 1
}

/** Until 5.18 only what was to move was flushed, whatever a shared table had mapped. */
const only_old_range = (tlb: MmuGather, start: number, end: number): Step<void> =>
  atomic('flush_tlb_range(old_addr, old_end)', (m) => {
    m.set(tlb.start, start)
    m.set(tlb.end, end)
    m.set(tlb.unshared_tables, 0)
  })

/** mm/hugetlb.c:move_hugetlb_page_tables. The lock of the VMA and i_mmap_rwsem keep truncation out. */
export function* move_hugetlb_page_tables(move: Move, old_addr: number, new_addr: number, len: number): Steps {
  const { mm, vma } = move
  const end = old_addr + len
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  const [from, to] = yield* range_with_shared(vma, old_addr, end)
  const tlb = yield* tlb_gather_mmu_vma(mm)
  yield* mmu_notifier_invalidate_range_start(mm, from, to)
  yield* hugetlb_vma_lock_write(vma)
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* move_starts(mm, old_addr, end)
  for (let at = old_addr; at < end;) at = yield* move_entry(move, tlb, at, new_addr + at - old_addr)
  if (!has('3d0b95cd87b2')) yield* only_old_range(tlb, old_addr, end)
  yield* tlb_flush_mmu_tlbonly(mm, tlb)
  yield* huge_pmd_unshare_flush(mm, tlb)
  yield* promise(mm, old_addr, end, 'no access', 'mremap(), under i_mmap_rwsem')
  yield* mmu_notifier_invalidate_range_end(mm, from, to)
  yield* i_mmap_unlock_unshared(mapping, tlb)
  yield* hugetlb_vma_unlock_write(vma)
  yield* tlb_finish_mmu(mm, tlb)
}
