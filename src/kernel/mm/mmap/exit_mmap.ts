import { atomic, setBits, type Steps, store } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { MMF_OOM_SKIP } from '../../include/mmf_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { free_pgtables } from '../memory/free_pgtables.js'
import { unmap_vmas } from '../memory/unmap_page_range.js'
import { mmu_notifier_release } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { remove_vmas } from './munmap.js'
import { vmas_of_mm } from './vma_list.js'
import { vma_mark_detached } from '../mmap_lock/vma_mark.js'

function* tear_down(mm: Mm, vmas: readonly Vma[]): Steps {
  if (!has('unmap-without-drain')) yield* lru_add_drain()
  const tlb = yield* tlb_gather_mmu(mm, true)
  yield* unmap_vmas(mm, tlb, vmas, 0, kernel().taskSize)
  yield* mmap_read_unlock(mm)
  if (kernel().geometry.oomReapRetries > 0) yield* setBits(mm.flags, MMF_OOM_SKIP, { label: 'set_bit(MMF_OOM_SKIP)' })
  const unlocked = has('mutant-exit-frees-tables-unlocked')
  if (!unlocked) yield* mmap_write_lock(mm)
  yield* free_pgtables(mm, tlb, vmas, 0, kernel().taskSize)
  yield* tlb_finish_mmu(mm, tlb)
  for (const vma of vmas) yield* vma_mark_detached(vma)
  yield* remove_vmas(vmas)
  yield* store(mm.mmap, 0, { label: '__mt_destroy(&mm->mm_mt)' })
  if (!unlocked) yield* mmap_write_unlock(mm)
}

/** mm/mmap.c:exit_mmap. Called by __mmput() alone. */
export function* exit_mmap(mm: Mm): Steps {
  yield* mmu_notifier_release(mm)
  yield* mmap_read_lock(mm)
  const vmas = yield* atomic('mas_find(0)', (m) => vmas_of_mm(m, mm))
  if (vmas.length > 0) yield* tear_down(mm, vmas)
  else yield* mmap_read_unlock(mm)
}
