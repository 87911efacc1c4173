import { load, type Steps } from '../../../engine/model/step.js'
import { VM_HUGEPAGE, VM_NO_KHUGEPAGED, VM_NOHUGEPAGE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { pmd_align } from '../addr_end.js'

/** include/linux/huge_mm.h:transhuge_vma_suitable: a huge page at `address` lies within the VMA, and aligned in its file. */
export function* transhuge_vma_suitable(vma: Vma, address: number): Steps<boolean> {
  const size = kernel().geometry.ptrsPerPte
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  if (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) {
    if ((start - (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' }))) & (size - 1)) return false
  }
  const haddr = pmd_align(address)
  return haddr >= start && haddr + size <= (yield* load(vma.vm_end, { label: 'vma->vm_end' }))
}

export interface HugepageCheck {
  readonly smaps: boolean
  /** In a page fault. */
  readonly in_pf: boolean
  /** Follow transparent_hugepage/enabled, which is "madvise" here. */
  readonly enforce_sysfs: boolean
}

/** mm/huge_memory.c:hugepage_vma_check. Whether the VMA may have huge pages. shmem_enabled is "never". */
export function* hugepage_vma_check(vma: Vma, vm_flags: number, check: HugepageCheck): Steps<boolean> {
  const { smaps, in_pf, enforce_sysfs } = check
  if (!kernel().profile.thp || vm_flags & VM_NOHUGEPAGE) return false
  const file = yield* load(vma.vm_file, { label: 'vma->vm_file' })
  if (kernel().files.at(file)?.vm_ops?.dax) return in_pf
  if (vm_flags & VM_NO_KHUGEPAGED) return false
  const end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
  if (!in_pf && !(yield* transhuge_vma_suitable(vma, end - kernel().geometry.ptrsPerPte))) return false
  if (!in_pf && file) return !enforce_sysfs
  if (enforce_sysfs && !(vm_flags & VM_HUGEPAGE)) return false
  if (file) return false
  if (!(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))) return smaps || in_pf
  return true
}
