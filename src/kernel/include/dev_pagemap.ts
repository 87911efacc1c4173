import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'
import type { PteFault } from './fault.js'
import type { Page } from './page.js'

/** struct dev_pagemap_ops: what a driver does with its memory. */
export interface DevPagemapOps {
  /** The last reference to the page is gone. */
  readonly page_free: (page: Page) => Steps
  /** A fault on device-private memory. `held`: the fault handler has a reference to the page. VM_FAULT_… bits. */
  readonly migrate_to_ram?: (vmf: PteFault, page: Page, held: boolean) => Steps<number>
}

/** enum memory_type: not for the CPU; coherent; a filesystem's (fsdax); device-dax; the BAR of a PCI device. */
export type MemoryType = 'private' | 'coherent' | 'fs_dax' | 'generic' | 'pci_p2pdma'

/** struct dev_pagemap: a run of pages that belong to a device. */
export class DevPagemap {
  /** Set when the driver is loaded, before anything runs. */
  ops: DevPagemapOps | undefined
  /** A percpu_ref. Live, it has one reference of its own and one for each page of types that the CPU maps. */
  readonly ref: Cell
  /** __PERCPU_REF_DEAD: nobody new gets a reference. */
  readonly dead: Cell
  /** 1 while the struct pages exist, and the memory. */
  readonly memmap: Cell

  constructor(memory: Memory, readonly type: MemoryType, readonly pages: readonly Page[]) {
    const base = type === 'private' || type === 'coherent' ? 0 : pages.length
    this.ref = memory.cell(`pgmap_${type}.ref`, 1 + base)
    this.dead = memory.cell(`pgmap_${type}.dead`)
    this.memmap = memory.cell(`pgmap_${type}.memmap`, 1)
  }

  get coherent(): boolean {
    return this.type === 'coherent'
  }

  has(page: Page): boolean {
    return this.pages[page.pfn - (this.pages[0]?.pfn ?? 0)] === page
  }
}
