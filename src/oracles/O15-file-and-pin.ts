import type { Access } from '../engine/model/memory.js'
import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'
import { PG_head } from '../kernel/include/page_flags.js'
import type { Page } from '../kernel/include/page.js'
import { pinsOf } from './pins.js'

/** SYSTEMS: files and pins. */
export const O15: Oracle = {
  id: 'O15',
  name: ORACLE_NAMES.O15,
  text: `A filesystem is told that a page is dirty which is not in its file any more: what it keeps about the page, buffers and
blocks, is gone. Or it gives a block away that is somebody's page (DAX) while a caller of GUP holds that or a CPU can
reach it through its TLB, or GUP hands it out afterwards: what is written lands in another file. Or a page leaves its file while it is mapped, which the kernel itself calls a bad page cache.`,
  install(kernel) {
    const { memory, tlb, translators } = kernel.machine
    const pins = pinsOf(kernel)
    const given = kernel.memory.pages.map((page) => page && memory.ghost(`given_away[${page.pfn}]`))
    const isGiven = (m: Access, pfn: number): boolean => m.get(given[pfn]!) !== 0
    const isMapped = (m: Access, page: Page): boolean => {
      const head = m.get(page.compound_head)
      const folio = head ? kernel.page(head - 1) : page
      return m.get(page._mapcount) >= 0 || ((m.get(folio.flags) & PG_head) !== 0 && m.get(folio.compound_mapcount) >= 0)
    }
    for (const file of kernel.files.objects) {
      file.i_pages.forEach((slot, index) => memory.watch(slot, (m, _, before, after) => {
        if (before && after !== before && isMapped(m, kernel.page(before - 1))) {
          m.violate('O15', `page ${before - 1} leaves file${file.ref - 1}, where it is page ${index}, while it is mapped`)
        }
      }))
    }
    kernel.observers.push({
      dirties(m, mapping, folio) {
        if (m.get(folio.mapping) !== mapping.ref << 2) {
          m.violate('O15', `file${mapping.ref - 1} is told that page ${folio.pfn} is dirty, which is not in it any more`)
        }
      },
      freesBlock(m, page) {
        m.set(given[page.pfn]!, 1)
        const mask = tlb?.whoCanReach(m, page.content) ?? 0
        for (const agent of translators) if (mask & agent.bit) m.violate('O15', `the block of page ${page.pfn} is given to another file while ${agent.name} can reach it`)
        if (pins.isHeld(m, page.pfn)) {
          m.violate('O15', `the block of page ${page.pfn} is given to another file while GUP's caller holds it`)
        }
      },
      gupReturns(m, _, mm, start, pages) {
        const found = pages.findIndex((page) => isGiven(m, page.pfn))
        if (found >= 0) m.violate('O15', `GUP returns page ${pages[found]!.pfn} for address ${start + found} of mm${mm.ref - 1}, a block of another file now`)
      },
    })
    return undefined
  },
}
