import { load, type Steps } from '../../engine/model/step.js'
import { _PAGE_ACCESSED, _PAGE_PROTNONE } from '../include/pgtable.js'
import type { Mm } from '../include/mm.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../locking/mmap_lock.js'
import { change_protection } from '../mm/mprotect/change_protection.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mm/mmu_gather/mmu_gather.js'

/** mm/mempolicy.c:change_prot_numa */
export function* change_prot_numa(mm: Mm, vma: Vma, start: number, end: number): Steps {
  const tlb = yield* tlb_gather_mmu(mm)
  const prot = _PAGE_ACCESSED | _PAGE_PROTNONE
  yield* change_protection(mm, tlb, vma, start, end, { prot, try_writable: false, prot_numa: true })
  yield* tlb_finish_mmu(mm, tlb)
}

/** kernel/sched/fair.c:task_numa_work: the NUMA scanner makes one VMA's pages fault. Nothing without NUMA balancing. */
export function* task_numa_work(mm: Mm, vma: Vma): Steps {
  if (!kernel().profile.numaBalancing) return
  yield* mmap_read_lock(mm)
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  yield* change_prot_numa(mm, vma, start, yield* load(vma.vm_end, { label: 'vma->vm_end' }))
  yield* mmap_read_unlock(mm)
}
