import type { Access } from '../engine/model/memory.js'
import { GUP_PIN_COUNTING_BIAS, type Page } from '../kernel/include/page.js'
import { PG_head } from '../kernel/include/page_flags.js'
import { pmd_present, pmd_trans_huge, pte_present, PFN_SHIFT } from '../kernel/include/pgtable.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Oracle } from './oracle.js'
import { placesOf } from './places.js'

/** How often each page is mapped at its own size, by pfn. */
function mappings(m: Access, kernel: Kernel): Map<number, number> {
  const count = new Map<number, number>()
  const add = (word: number): void => void count.set(word >>> PFN_SHIFT, (count.get(word >>> PFN_SHIFT) ?? 0) + 1)
  for (const mm of kernel.mms.objects) {
    for (const entry of mm.pgd.entries) {
      const pmd = m.get(entry)
      if (!pmd_present(pmd)) continue
      if (pmd_trans_huge(pmd)) add(pmd)
      else for (const pte of kernel.pmd_pgtable(pmd).entries.map((e) => m.get(e))) if (pte_present(pte)) add(pte)
    }
  }
  return count
}

/** SYSTEMS: the counts are right. */
export const O9: Oracle = {
  id: 'O9',
  name: 'wrong count',
  text: `A reference count is not the number of holders, a map count not the number of entries, a count is negative, or a
page is freed while it is mapped or held, or freed twice.`,
  install(kernel) {
    const { memory } = kernel.machine
    const { zeroPage, hugeZeroPage } = kernel.memory
    const pages = kernel.memory.pages.filter((page): page is Page => page !== undefined && page !== zeroPage && page !== hugeZeroPage)
    const places = placesOf(kernel)
    for (const page of pages) {
      memory.watch(page._refcount, (m, _, before, after) => {
        if (after < 0) m.violate('O9', `page ${page.pfn} has ${after} references`)
        if (after === 0 && before > 0 && m.get(page._mapcount) >= 0) m.violate('O9', `page ${page.pfn} loses its last reference while it is mapped`)
      })
      memory.watch(page._mapcount, (m, _, __, after) => {
        if (after < -1) m.violate('O9', `page ${page.pfn} is mapped ${after + 1} times`)
      })
    }
    return (m) => {
      const mapped = mappings(m, kernel)
      for (const page of pages) {
        if (m.get(page.compound_head) !== 0) continue
        const huge = (m.get(page.flags) & PG_head) !== 0
        const maps = mapped.get(page.pfn) ?? 0
        const counted = m.get(huge ? page.compound_mapcount : page._mapcount) + 1
        if (counted !== maps) m.violate('O9', `page ${page.pfn} is mapped ${maps} times and counts ${counted}`)
        const held = places.filter((place) => m.get(place.held) === page.pfn)
        const pins = held.reduce((sum, place) => sum + (m.get(place.pinned) && !huge ? GUP_PIN_COUNTING_BIAS : 1), 0)
        const refs = m.get(page._refcount)
        if (refs !== maps + pins) m.violate('O9', `page ${page.pfn} has ${refs} references, ${maps + pins} holders`)
      }
    }
  },
}
