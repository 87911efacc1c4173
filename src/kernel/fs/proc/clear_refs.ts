import type { Cell } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_mm } from '../../../machine/flush.js'
import { compound_head } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import {
  is_swap_pmd, type Pmd, pmd_present, pmd_trans_huge, type Pte, pte_clear_soft_dirty, pte_dirty, pte_mkdirty, pte_mkyoung, pte_none,
  pte_present, pte_write, pte_wrprotect, pte_young,
} from '../../include/pgtable.js'
import { SWP_SOFT_DIRTY } from '../../include/swapops.js'
import { VM_PFNMAP, VM_SOFTDIRTY } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { lock_page_table } from '../../mm/memory/pte_lock.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { folio_maybe_dma_pinned } from '../../mm/gup/folio_maybe_dma_pinned.js'
import { is_cow_mapping } from '../../mm/memory/copy_pte.js'
import { vm_normal_page } from '../../mm/memory/vm_normal_page.js'
import { vmas_of_mm } from '../../mm/mmap/vma_list.js'
import { vma_set_page_prot } from '../../mm/mmap/vm_page_prot.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../../mm/mmu_notifier.js'
import { pmd_lock, pmd_unlock, pmdp_get, pte_lockptr, pte_offset_map, ptep_get, set_pmd_at, set_pte_at } from '../../mm/pgtable.js'
import { pmdp_huge_get_and_clear, pmdp_invalidate, ptep_get_and_clear } from '../../mm/pgtable_generic.js'
import type { MmWalk, MmWalkOps, PageWalkAction } from '../../mm/pagewalk/mm_walk.js'
import { walk_page_range } from '../../mm/pagewalk/walk_page_range.js'
import { pmd_of_table } from '../../mm/pmd_trans_unstable.js'
import { per_vma_lock } from '../../mm/mmap_lock/per_vma_lock.js'
import { vma_start_write } from '../../mm/mmap_lock/vma_start_write.js'

/** fs/proc/task_mmu.c:pte_is_pinned: write-protecting it would detach the pinned page at the next write. */
export function* pte_is_pinned(mm: Mm, vma: Vma, address: number, pte: Pte): Steps<boolean> {
  if (!pte_write(pte) || !is_cow_mapping(yield* load(vma.vm_flags, { label: 'vma->vm_flags' }))) return false
  if (!(yield* load(mm.has_pinned, { label: 'test_bit(MMF_HAS_PINNED)' }))) return false
  const page = yield* vm_normal_page(vma, address, pte)
  return page !== undefined && (yield* folio_maybe_dma_pinned(yield* compound_head(page)))
}

/** fs/proc/task_mmu.c:clear_soft_dirty: the next write has to fault. */
export function* clear_soft_dirty(mm: Mm, vma: Vma, ptep: Cell, address: number): Steps {
  if (!kernel().profile.softDirty) return
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte)) return
  if (!pte_present(pte)) return void (yield* set_pte_at(ptep, pte & ~SWP_SOFT_DIRTY))
  if (yield* pte_is_pinned(mm, vma, address, pte)) return
  const old = yield* ptep_get_and_clear(mm, address, ptep)
  yield* set_pte_at(ptep, pte_clear_soft_dirty(pte_wrprotect(old)))
}

/** fs/proc/task_mmu.c:clear_soft_dirty_pmd */
export function* clear_soft_dirty_pmd(mm: Mm, pmdp: Cell, pmd: Pmd, address: number): Steps {
  if (!kernel().profile.softDirty) return
  if (!pmd_present(pmd)) return void (yield* set_pmd_at(pmdp, pmd & ~SWP_SOFT_DIRTY))
  const old = yield* !has('5b7abeae3af8') ? pmdp_huge_get_and_clear(mm, address, pmdp) : pmdp_invalidate(mm, address, pmdp)
  const dirty = pte_dirty(old) ? pte_mkdirty(pmd) : pmd
  const young = pte_young(old) ? pte_mkyoung(dirty) : dirty
  yield* set_pmd_at(pmdp, pte_clear_soft_dirty(pte_wrprotect(young)))
}

/** fs/proc/task_mmu.c:clear_refs_pte_range, a callback of the page walk. */
export function* clear_refs_pte_range(pmdp: Cell, start: number, end: number, { mm, vma }: MmWalk): Steps<PageWalkAction> {
  const seen = yield* pmdp_get(pmdp)
  if (pmd_trans_huge(seen) || is_swap_pmd(seen)) {
    yield* pmd_lock(mm)
    const pmd = yield* pmdp_get(pmdp)
    const huge = pmd_trans_huge(pmd) || is_swap_pmd(pmd)
    if (huge) yield* clear_soft_dirty_pmd(mm, pmdp, pmd, start)
    yield* pmd_unlock(mm)
    if (huge) return 'ACTION_SUBTREE'
  }
  const table = yield* pmd_of_table(pmdp)
  if (table === undefined) return 'ACTION_SUBTREE'
  const locked = yield* lock_page_table(pmdp, table)
  if (locked === undefined) return 'ACTION_AGAIN'
  for (let at = start; at < end; at++) yield* clear_soft_dirty(mm, vma!, pte_offset_map(locked, at), at)
  yield* spin_unlock(pte_lockptr(locked))
  return 'ACTION_SUBTREE'
}

/** fs/proc/task_mmu.c:clear_refs_test_walk */
export function* clear_refs_test_walk({ vma }: MmWalk): Steps<boolean> {
  return !((yield* load(vma!.vm_flags, { label: 'vma->vm_flags' })) & VM_PFNMAP)
}

/** fs/proc/task_mmu.c:clear_refs_walk_ops */
export const clear_refs_walk_ops: MmWalkOps = { pmd_entry: clear_refs_pte_range, test_walk: clear_refs_test_walk }

/** fs/proc/task_mmu.c:clear_refs_write with CLEAR_REFS_SOFT_DIRTY: what is written from now on can be told. Of a process that has its memory (get_task_mm). */
export function* clear_refs_soft_dirty(mm: Mm): Steps {
  if (!(yield* mmget_not_zero(mm))) return
  const shared = !has('29a951dfb3c3')
  yield* shared ? mmap_read_lock(mm) : mmap_write_lock(mm)
  if (per_vma_lock() && !shared) for (const vma of yield* atomic('mas_for_each(mm)', (m) => vmas_of_mm(m, mm))) yield* vma_start_write(vma)
  yield* atomic('vma->vm_flags &= ~VM_SOFTDIRTY', (m) => {
    // There is no VM_SOFTDIRTY then, and no first write that has to fault.
    if (!kernel().profile.softDirty) return
    for (const vma of vmas_of_mm(m, mm)) {
      if (!(m.get(vma.vm_flags) & VM_SOFTDIRTY)) continue
      m.set(vma.vm_flags, m.get(vma.vm_flags) & ~VM_SOFTDIRTY)
      vma_set_page_prot(m, vma)
    }
  })
  yield* fetchAdd(mm.tlb_flush_pending, 1, { label: 'inc_tlb_flush_pending(mm)' })
  yield* mmu_notifier_invalidate_range_start(mm, 0, Infinity, 'soft-dirty')
  yield* walk_page_range(mm, 0, kernel().taskSize, clear_refs_walk_ops, undefined)
  yield* mmu_notifier_invalidate_range_end(mm, 0, Infinity)
  yield* flush_tlb_mm(mm)
  yield* fetchAdd(mm.tlb_flush_pending, -1, { label: 'dec_tlb_flush_pending(mm)' })
  if (shared) yield* mmap_read_unlock(mm)
  else yield* mmap_write_unlock(mm)
  yield* mmput(mm)
}
