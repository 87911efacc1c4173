import { atomic, load, type Steps } from '../../engine/model/step.js'
import { _PAGE_ACCESSED, _PAGE_PROTNONE } from '../include/pgtable.js'
import type { Mm } from '../include/mm.js'
import { VM_ACCESS_FLAGS, VM_HUGETLB, VM_IO, VM_MIXEDMAP, VM_PFNMAP, VM_READ, VM_WRITE } from '../include/vm_flags.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'
import { mmap_read_trylock, mmap_read_unlock } from '../locking/mmap_lock.js'
import { vmas_of_mm } from '../mm/mmap/vma_list.js'
import { change_protection } from '../mm/mprotect/change_protection.js'
import { vma_is_dax } from '../mm/vma_is_dax.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mm/mmu_gather/mmu_gather.js'

/** mm/mempolicy.c:change_prot_numa */
export function* change_prot_numa(mm: Mm, vma: Vma, start: number, end: number): Steps {
  const tlb = yield* tlb_gather_mmu(mm)
  const prot = _PAGE_ACCESSED | _PAGE_PROTNONE
  yield* change_protection(mm, tlb, vma, start, end, { prot, try_writable: false, prot_numa: true })
  yield* tlb_finish_mmu(mm, tlb)
}

/** Whether its pages could be moved (vma_migratable), and it is neither of hugetlbfs, a read-only file, nor without access. */
function* is_scanned(vma: Vma): Steps<boolean> {
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & (VM_IO | VM_PFNMAP | VM_HUGETLB | VM_MIXEDMAP) || !(vm_flags & VM_ACCESS_FLAGS)) return false
  if (yield* vma_is_dax(vma)) return false
  const file = yield* load(vma.vm_file, { label: 'vma->vm_file' })
  return !file || (vm_flags & (VM_READ | VM_WRITE)) !== VM_READ
}

/** kernel/sched/fair.c:task_numa_work: the NUMA scanner makes pages fault, here all of the address space. Nothing without NUMA balancing. */
export function* task_numa_work(mm: Mm): Steps {
  if (!kernel().profile.numaBalancing || !(yield* mmap_read_trylock(mm))) return
  for (const vma of yield* atomic('mas_find()', (m) => vmas_of_mm(m, mm))) {
    if (!(yield* is_scanned(vma))) continue
    const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
    yield* change_prot_numa(mm, vma, start, yield* load(vma.vm_end, { label: 'vma->vm_end' }))
  }
  yield* mmap_read_unlock(mm)
}
