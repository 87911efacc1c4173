import type { Steps } from '../../engine/model/step.js'
import type { PteFault } from './fault.js'
import type { Page } from './page.js'

/** struct dev_pagemap_ops: what a driver does with its memory. */
export interface DevPagemapOps {
  /** The last reference to the page is gone. */
  readonly page_free: (page: Page) => Steps
  /** A fault on device-private memory. `held`: the fault handler has a reference to the page. VM_FAULT_… bits. */
  readonly migrate_to_ram: (vmf: PteFault, page: Page, held: boolean) => Steps<number>
}

/** struct dev_pagemap: a run of pages that belong to a device, private (not for the CPU) or coherent. */
export class DevPagemap {
  /** Set when the driver is loaded, before anything runs. */
  ops: DevPagemapOps | undefined

  constructor(readonly pages: readonly Page[], readonly coherent: boolean) {}

  has(page: Page): boolean {
    return this.pages[page.pfn - (this.pages[0]?.pfn ?? 0)] === page
  }
}
