import { atomic, setBits, type Step, type Steps, store } from '../../../engine/model/step.js'
import { MMF_VM_MERGEABLE } from '../../include/ksm.js'
import type { Mm } from '../../include/mm.js'
import { MMF_OOM_SKIP } from '../../include/mmf_flags.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { slab_alloc, slab_free } from '../../slab.js'
import { ksm_exit } from '../ksm/ksm_enter.js'
import { free_pgtables } from '../memory/free_pgtables.js'
import { unmap_vmas } from '../memory/unmap_page_range.js'
import { remove_vmas } from '../mmap/munmap.js'
import { vmas_of_mm } from '../mmap/vma_list.js'
import { mmu_notifier_release } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { dup_mmap } from './dup_mmap.js'

/** kernel/fork.c:mm_alloc: an empty address space with one user. */
export const mm_alloc = (): Step<Mm> =>
  atomic('mm = mm_alloc()', (m) => {
    const mm = slab_alloc(m, kernel().mms)
    for (const cell of [mm.mmap_lock, mm.mmap, mm.map_count, mm.flags, mm.write_protect_seq, mm.tlb_flush_pending,
      mm.tlb_flush_batched, mm.has_pinned, mm.locked_vm, mm.def_flags, mm.nr_ptes, mm.ksm_mm_slot]) m.set(cell, 0)
    for (const entry of mm.pgd.entries) m.set(entry, 0)
    m.set(mm.pgd.pmd_huge_pte, 0)
    m.set(mm.mm_users, 1)
    return mm
  })

/** kernel/fork.c:dup_mm: fork() as far as memory goes. Undefined if it fails. */
export function* dup_mm(oldmm: Mm): Steps<Mm | undefined> {
  const mm = yield* mm_alloc()
  if (yield* dup_mmap(mm, oldmm)) return mm
  yield* exit_mmap(mm)
  return undefined
}

/** mm/mmap.c:exit_mmap. The last user of the address space has gone. */
export function* exit_mmap(mm: Mm): Steps {
  yield* store(mm.mm_users, 0, { label: 'mmput(mm)' })
  yield* ksm_exit(mm)
  yield* mmu_notifier_release(mm)
  yield* mmap_read_lock(mm)
  const vmas = yield* atomic('mas_find(0)', (m) => vmas_of_mm(m, mm))
  yield* lru_add_drain()
  const tlb = yield* tlb_gather_mmu(mm, true)
  yield* unmap_vmas(mm, tlb, vmas, 0, kernel().taskSize)
  yield* mmap_read_unlock(mm)
  if (kernel().geometry.oomReapRetries > 0) yield* setBits(mm.flags, MMF_OOM_SKIP, { label: 'set_bit(MMF_OOM_SKIP)' })
  const unlocked = has('mutant-exit-frees-tables-unlocked')
  if (!unlocked) yield* mmap_write_lock(mm)
  yield* free_pgtables(mm, tlb, vmas, 0, kernel().taskSize)
  yield* tlb_finish_mmu(mm, tlb)
  yield* remove_vmas(vmas)
  yield* store(mm.mmap, 0, { label: '__mt_destroy(&mm->mm_mt)' })
  if (!unlocked) yield* mmap_write_unlock(mm)
  yield* atomic('mmdrop(mm)', (m) => {
    if (!(m.get(mm.flags) & MMF_VM_MERGEABLE)) slab_free(m, kernel().mms, mm)
  })
}
