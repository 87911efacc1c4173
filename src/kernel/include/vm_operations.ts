import type { Steps } from '../../engine/model/step.js'
import type { VmFault } from './fault.js'
import type { Page } from './page.js'
import type { Vma } from './vma.js'

/** struct vm_operations_struct: what a driver does for the mappings of its file. */
export interface VmOperations {
  /** A page to map, locked and with a reference (VM_FAULT_LOCKED); or VM_FAULT_… bits, when the driver has mapped it itself. */
  readonly fault: (vmf: VmFault) => Steps<Page | number>
  /** There is one more mapping: fork(), or one that was cut in two, or moved, has a copy of it. Not after mmap() itself. */
  readonly open?: (vma: Vma) => Steps<unknown>
  /** The mapping is gone. */
  readonly close?: (vma: Vma) => Steps<unknown>
  /** A shared entry of a page that nobody counts is about to be written to for the first time. Maps it writable itself, or returns 0. */
  readonly pfn_mkwrite?: (vmf: VmFault) => Steps<number>
  /** vma_is_dax(): huge entries are marked devmap, and so may be used. */
  readonly dax?: true
  /** A fault where a huge entry could go. VM_FAULT_FALLBACK goes on with small ones. */
  readonly huge_fault?: (vmf: VmFault) => Steps<number>
}
