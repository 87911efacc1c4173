import { load, type Steps } from '../../../engine/model/step.js'
import { VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/** include/linux/huge_mm.h:vma_is_special_huge: huge entries of a driver, which count nothing. */
export function* vma_is_special_huge(vma: Vma): Steps<boolean> {
  const file = kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (!file || file.vm_ops?.dax) return file !== undefined
  return ((yield* load(vma.vm_flags, { label: 'vma_is_special_huge(vma)' })) & (VM_PFNMAP | VM_MIXEDMAP)) !== 0
}
