import type { Access } from '../engine/model/memory.js'
import type { DevPagemap } from '../kernel/include/dev_pagemap.js'
import type { Page } from '../kernel/include/page.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { pinsOf } from './pins.js'

/** SYSTEMS: life of a pagemap. */
export const O16: Oracle = {
  id: 'O16',
  name: ORACLE_NAMES.O16,
  text: `The memory of a device is taken down (memunmap_pages) while a CPU can reach it through its TLB or a caller of GUP holds a
page of it; or somebody reads or writes a struct page of it, or the memory, afterwards. A taking-down that never ends is reported
as "deadlock".`,
  install(kernel) {
    const { memory, tlb, accessHooks, translators } = kernel.machine
    const { pagemaps } = kernel.memory
    if (pagemaps.length === 0) return undefined
    const pins = pinsOf(kernel)
    const gone = (m: Access, pgmap: DevPagemap): boolean => m.get(pgmap.memmap) === 0
    const lastLook = (m: Access, page: Page): void => {
      const mask = tlb?.whoCanReach(m, page.content) ?? 0
      for (const agent of translators) if (mask & agent.bit) m.violate('O16', `page ${page.pfn} of a device is taken down while ${agent.name} can reach it`)
      if (pins.isHeld(m, page.pfn)) m.violate('O16', `page ${page.pfn} of a device is taken down while GUP's caller holds it`)
    }
    for (const pgmap of pagemaps) {
      memory.watch(pgmap.memmap, (m) => pgmap.pages.forEach((page) => lastLook(m, page)))
      for (const page of pgmap.pages) {
        const used = (m: Access): void => {
          if (gone(m, pgmap)) m.violate('O16', `struct page ${page.pfn} is used, and the device's memory is gone`)
        }
        for (const cell of [page._refcount, page.flags, page.mapping]) {
          memory.watch(cell, used)
          memory.watchReads(cell, used)
        }
      }
    }
    // Before those of other oracles, which look at the struct page.
    accessHooks.unshift((m, { cpu, page }) => {
      const pgmap = pagemaps.find(({ pages }) => pages.some(({ content }) => content === page))
      if (pgmap && gone(m, pgmap)) m.violate('O16', `${cpu.name} accesses memory of a device that is gone`)
    })
    kernel.observers.push({
      writesThroughPin(m, page) {
        const pgmap = kernel.memory.pagemapOf(page)
        if (pgmap && gone(m, pgmap)) m.violate('O16', `page ${page.pfn} is written to, and the device's memory is gone`)
      },
    })
    return undefined
  },
}
