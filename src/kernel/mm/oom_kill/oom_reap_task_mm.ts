import { atomic, load, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { MMF_OOM_SKIP, MMF_UNSTABLE } from '../../include/mmf_flags.js'
import { VM_HUGETLB, VM_PFNMAP, VM_SHARED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { mmap_read_trylock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { unmap_page_range } from '../memory/unmap_page_range.js'
import { vmas_of_mm } from '../mmap/vma_list.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start_nonblock } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'

/** One VMA. False: it could not be reaped now. */
function* reap_vma(mm: Mm, vma: Vma): Steps<boolean> {
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
  const tlb = yield* tlb_gather_mmu(mm)
  const notify = has('4d4bbd8526a8')
  const started = !notify || (yield* mmu_notifier_invalidate_range_start_nonblock(mm, start, end))
  if (started || has('mutant-reaper-goes-on')) yield* unmap_page_range(mm, tlb, vma, start, end)
  if (notify && started) yield* mmu_notifier_invalidate_range_end(mm, start, end)
  yield* tlb_finish_mmu(mm, tlb)
  return started
}

/** Those who are told of a fault instead of reading zeroes know that the content is gone. */
const unstable = (mm: Mm): Step => setBits(mm.flags, MMF_UNSTABLE, { label: 'set_bit(MMF_UNSTABLE)' })

/** mm/oom_kill.c:__oom_reap_task_mm: unmaps private memory, and that of nobody else. */
export function* __oom_reap_task_mm(mm: Mm): Steps<boolean> {
  const late = has('mutant-unstable-late')
  if (!late) yield* unstable(mm)
  let reaped = true
  for (const vma of yield* atomic('for_each_vma(vmi, vma)', (m) => vmas_of_mm(m, mm))) {
    const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
    if (vm_flags & (VM_HUGETLB | VM_PFNMAP | VM_SHARED)) continue
    if (!(yield* reap_vma(mm, vma))) reaped = false
  }
  if (late) yield* unstable(mm)
  return reaped
}

const skip = (mm: Mm): Step => load(mm.flags, { label: 'test_bit(MMF_OOM_SKIP)' })

/** mm/oom_kill.c:oom_reap_task_mm. False: not now, or not all of it; the reaper tries again later. It must not wait. */
export function* oom_reap_task_mm(mm: Mm): Steps<boolean> {
  if (!(yield* mmap_read_trylock(mm))) return false
  const reaped = ((yield* skip(mm)) & MMF_OOM_SKIP) !== 0 || (yield* __oom_reap_task_mm(mm))
  yield* mmap_read_unlock(mm)
  return reaped
}
