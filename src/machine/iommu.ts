import type { Access, Cell, Memory } from '../engine/model/memory.js'
import type { MmContext } from './mm-context.js'
import type { Translator } from './tlb.js'
import { everything, type FlushRange } from './flush.js'
import type { Machine } from './machine.js'

/**
 * An IOMMU that walks the page tables of a process for a device (PASID), and the TLBs of both (ATS). Nobody's flush
 * instruction reaches them: they forget translations, and cached upper levels, only when they are told.
 */
export class Iommu implements Translator {
  readonly name: string
  readonly bit: number
  /** `MmContext.id` of the address space that is bound to the device; 0 for none. */
  readonly cr3: Cell

  /** `index` counts on from the CPUs. */
  constructor(memory: Memory, private readonly machine: Machine, index: number, nr: number) {
    this.name = `IOMMU ${nr}`
    this.bit = 1 << index
    this.cr3 = memory.cell(`iommu${nr}.pasid`)
  }

  idle(): boolean {
    return false
  }

  /** An invalidation command and the wait for it. */
  invalidate(m: Access, mm: MmContext, start: number, end: number): void {
    const range: FlushRange = { ...everything, start, end }
    this.machine.tlb?.drop(m, this, mm, range, true)
  }
}
