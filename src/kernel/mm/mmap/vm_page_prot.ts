import type { Access } from '../../../engine/model/memory.js'
import { _PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_RW, _PAGE_USER } from '../../include/pgtable.js'
import { VM_ACCESS_FLAGS, VM_EXEC, VM_READ, VM_SHARED, VM_SOFTDIRTY, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

const READONLY = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED

/** arch/x86/mm/pgprot.c:vm_get_page_prot. Private mappings start read-only: the first write copies. */
export const vm_get_page_prot = (vm_flags: number): number => {
  if (!(vm_flags & VM_ACCESS_FLAGS)) return _PAGE_ACCESSED | _PAGE_PROTNONE
  return (vm_flags & (VM_WRITE | VM_SHARED)) === (VM_WRITE | VM_SHARED) ? READONLY | _PAGE_RW : READONLY
}

/** mm/mmap.c:vma_wants_writenotify: every first write has to fault if the file asks for it, or while soft-dirty is tracked. */
export const vma_wants_writenotify = (m: Access, vma: Vma, vm_flags: number): boolean => {
  if ((vm_flags & (VM_WRITE | VM_SHARED)) !== (VM_WRITE | VM_SHARED)) return false
  return kernel().files.at(m.get(vma.vm_file))?.vm_ops?.pfn_mkwrite !== undefined || !(vm_flags & VM_SOFTDIRTY)
}

/** mm/mmap.c:vma_set_page_prot, inside a step. */
export const vma_set_page_prot = (m: Access, vma: Vma): void => {
  const flags = m.get(vma.vm_flags)
  m.set(vma.vm_page_prot, vm_get_page_prot(vma_wants_writenotify(m, vma, flags) ? flags & ~VM_SHARED : flags))
}

/** mm/mmap.c:calc_vm_prot_bits: PROT_READ, PROT_WRITE and PROT_EXEC are the VM_ flags. */
export const calc_vm_prot_bits = (prot: number): number => prot & (VM_READ | VM_WRITE | VM_EXEC)
