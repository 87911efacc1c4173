import type { Access } from '../../../engine/model/memory.js'
import { _PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_RW, _PAGE_USER } from '../../include/pgtable.js'
import { VM_ACCESS_FLAGS, VM_EXEC, VM_READ, VM_SHARED, VM_SOFTDIRTY, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'

const READONLY = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED

/** arch/x86/mm/pgprot.c:vm_get_page_prot. Private mappings start read-only: the first write copies. */
export const vm_get_page_prot = (vm_flags: number): number => {
  if (!(vm_flags & VM_ACCESS_FLAGS)) return _PAGE_ACCESSED | _PAGE_PROTNONE
  return (vm_flags & (VM_WRITE | VM_SHARED)) === (VM_WRITE | VM_SHARED) ? READONLY | _PAGE_RW : READONLY
}

/** mm/mmap.c:vma_wants_writenotify, of shmem: while soft-dirty is tracked, every first write has to fault. */
const vma_wants_writenotify = (vm_flags: number): boolean =>
  (vm_flags & (VM_WRITE | VM_SHARED)) === (VM_WRITE | VM_SHARED) && !(vm_flags & VM_SOFTDIRTY)

/** mm/mmap.c:vma_set_page_prot, inside a step. */
export const vma_set_page_prot = (m: Access, vma: Vma): void => {
  const flags = m.get(vma.vm_flags)
  m.set(vma.vm_page_prot, vm_get_page_prot(vma_wants_writenotify(flags) ? flags & ~VM_SHARED : flags))
}

/** mm/mmap.c:calc_vm_prot_bits: PROT_READ, PROT_WRITE and PROT_EXEC are the VM_ flags. */
export const calc_vm_prot_bits = (prot: number): number => prot & (VM_READ | VM_WRITE | VM_EXEC)
