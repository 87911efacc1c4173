import { atomic, type Step } from '../../../engine/model/step.js'
import { PG_head } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** mm/hugetlb.c:alloc_huge_page. Of those set aside at boot, with one reference; there are no more. Reservations are not kept. */
export const alloc_huge_page = (): Step<Folio | undefined> =>
  atomic('page = alloc_huge_page(vma)', (m) => {
    const { memory } = kernel()
    const page = memory.pages[m.get(memory.freeHugetlb)]
    if (!page) return undefined
    m.set(memory.freeHugetlb, m.get(page.lru))
    m.set(page.flags, PG_head)
    m.set(page._refcount, 1)
    return page
  })

/** mm/hugetlb.c:free_huge_page. The last reference is gone. */
export const free_huge_page = (folio: Folio): Step<void> =>
  atomic('free_huge_page(page)', (m) => {
    const { memory } = kernel()
    m.set(folio.flags, PG_head)
    m.set(folio.mapping, 0)
    m.set(folio.lru, m.get(memory.freeHugetlb))
    m.set(memory.freeHugetlb, folio.pfn)
    m.note(`page${folio.pfn} is free`)
  })
