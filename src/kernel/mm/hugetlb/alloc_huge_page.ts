import type { Access } from '../../../engine/model/memory.js'
import { atomic, clearBits, load, type Step, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { HPG_restore_reserve, PG_head } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import {
  vma_add_reservation, vma_commit_reservation, vma_del_reservation, vma_has_reserves, vma_needs_reservation,
} from './resv_map.js'

/** mm/hugetlb.c:hugetlb_acct_memory, under hugetlb_lock. False: so many are not free. No pages beyond those set aside at boot. */
export const hugetlb_acct_memory = (delta: number): Step<boolean> =>
  atomic(`hugetlb_acct_memory(${delta})`, (m) => {
    const { free_huge_pages, resv_huge_pages } = kernel().memory
    const reserved = m.get(resv_huge_pages) + delta
    if (delta > 0 && reserved > m.get(free_huge_pages)) return false
    m.set(resv_huge_pages, reserved)
    return true
  })

/** Takes the first page that will do from the list, with one reference. Under hugetlb_lock. */
const dequeue = (m: Access, suits: (page: Folio) => boolean): Folio | undefined => {
  const { memory } = kernel()
  let link = memory.freeHugetlb
  let page = memory.pages[m.get(link)]
  while (page && !suits(page)) {
    link = page.lru
    page = memory.pages[m.get(link)]
  }
  if (!page) return undefined
  m.set(link, m.get(page.lru))
  add(m, memory.free_huge_pages, -1)
  m.set(page.private, 0)
  m.set(page._refcount, 1)
  return page
}

const available_huge_pages = (m: Access): number => {
  const { free_huge_pages, resv_huge_pages } = kernel().memory
  return m.get(free_huge_pages) - m.get(resv_huge_pages)
}

/** mm/hugetlb.c:dequeue_huge_page_vma. From any node. */
export const dequeue_huge_page_vma = (vma: Vma, change: number): Step<Folio | undefined> =>
  atomic('page = dequeue_huge_page_vma(vma)', (m) => {
    const reserves = vma_has_reserves(m, vma, change)
    if (!reserves && available_huge_pages(m) === 0) return undefined
    const page = dequeue(m, () => true)
    if (!page || !reserves) return page
    add(m, kernel().memory.resv_huge_pages, -1)
    m.set(page.private, HPG_restore_reserve)
    return page
  })

/** mm/hugetlb.c:alloc_huge_page_nodemask, for migration. Pages set aside are not for it. */
export const alloc_huge_page_nodemask = (nid: number, this_node: boolean, unmovable: boolean): Step<Folio | undefined> =>
  atomic('page = alloc_huge_page_nodemask()', (m) => {
    const suits = (page: Folio): boolean => !(unmovable && kernel().memory.movable.has(page.nid))
    if (available_huge_pages(m) === 0) return undefined
    const near = dequeue(m, (page) => page.nid === nid && suits(page))
    return near ?? (this_node ? undefined : dequeue(m, suits))
  })

/** mm/hugetlb.c:alloc_huge_page. `avoid_reserve`: not one of those set aside. Undefined: -ENOSPC. */
export function* alloc_huge_page(vma: Vma, address: number, avoid_reserve: boolean): Steps<Folio | undefined> {
  const map_chg = yield* vma_needs_reservation(vma, address)
  const page = yield* dequeue_huge_page_vma(vma, map_chg || avoid_reserve ? 1 : 0)
  if (!page) return undefined
  const map_commit = yield* vma_commit_reservation(vma, address)
  if (map_chg > map_commit && has('hugetlb-reserve-vs-alloc')) yield* hugetlb_acct_memory(-1)
  return page
}

/** The page is not one that goes back to those set aside when it is freed. */
export const ClearHPageRestoreReserve = (page: Folio): Step =>
  clearBits(page.private, HPG_restore_reserve, { label: 'ClearHPageRestoreReserve(page)' })

/** mm/hugetlb.c:restore_reserve_on_error, before a page of alloc_huge_page() that was not used is put. */
export function* restore_reserve_on_error(vma: Vma, address: number, page: Folio): Steps {
  const needed = yield* vma_needs_reservation(vma, address)
  const restore = (yield* load(page.private, { label: 'HPageRestoreReserve(page)' })) & HPG_restore_reserve
  if (restore && needed) yield* vma_add_reservation(vma, address)
  else if (!restore && !needed) yield* vma_del_reservation(vma, address)
}

/** mm/hugetlb.c:free_huge_page. The last reference is gone. */
export const free_huge_page = (folio: Folio): Step<void> =>
  atomic('free_huge_page(page)', (m) => {
    const { memory } = kernel()
    m.set(folio.flags, PG_head)
    m.set(folio.mapping, 0)
    m.set(folio.lru, m.get(memory.freeHugetlb))
    m.set(memory.freeHugetlb, folio.pfn)
    add(m, memory.free_huge_pages, 1)
    if (m.get(folio.private) & HPG_restore_reserve) add(m, memory.resv_huge_pages, 1)
    m.set(folio.private, 0)
    m.note(`page${folio.pfn} is free`)
  })
