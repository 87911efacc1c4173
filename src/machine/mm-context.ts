import type { Cell, Memory } from '../engine/model/memory.js'

/** `MmContext.behind` of a CPU that holds no translations of the address space: it flushes when it loads it. */
export const NO_ASID = 7

/** What the hardware and the flush code keep per address space: the kernel's `mm->context` and `mm_cpumask`. */
export class MmContext {
  /** Bit n: CPU n may hold translations of this address space (`mm_cpumask`). */
  readonly cpumask: Cell
  /** s390 `mm->context.flush_mm`: an entry was invalidated without a flush, the next flush makes up for it. */
  readonly flush_mm: Cell
  /** x86, by CPU: how many flushes of this address space the CPU has not seen yet. See x86/tlb-gen.ts. */
  readonly behind: readonly Cell[]

  /** `id` is what `Cpu.loaded_mm` holds while this address space is loaded: 1 ... */
  constructor(memory: Memory, readonly id: number, readonly name: string, cpus: number) {
    this.cpumask = memory.cell(`${name}.cpumask`)
    this.flush_mm = memory.cell(`${name}.flush_mm`)
    this.behind = memory.cells(`${name}.behind`, cpus, NO_ASID)
  }
}

/** What kernel/ hands to the machine for an address space (its Mm). */
export interface AddressSpace {
  readonly context: MmContext
}

/** A page table as the walker sees it. */
export interface TableView {
  /** The entry that covers this address. */
  entry(va: number): Cell
}

/** An address space as the walker sees it. */
export interface AddressSpaceView extends AddressSpace {
  /** The top table; the lowest level is 0. */
  readonly root: TableView
  readonly rootLevel: number
  /** The table that a word of an upper level points to. Undefined: nothing that was ever a table. */
  table(word: number): TableView | undefined
  /** Where the content of the page is that a leaf word maps at this address. Undefined: no such memory. */
  page(word: number, va: number): Cell | undefined
}
