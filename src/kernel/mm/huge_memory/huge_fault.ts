import type { VmOperations } from '../../include/vm_operations.js'
import { has, kernel } from '../../kernel.js'

/** vma->vm_ops->huge_fault, by vma->vm_file. TTM had one until 5.16. */
export const huge_fault_of = (file: number): VmOperations['huge_fault'] => {
  const vm_ops = kernel().files.at(file)?.vm_ops
  return vm_ops?.dax || !has('0d979509539e') ? vm_ops?.huge_fault : undefined
}
