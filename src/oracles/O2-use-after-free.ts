import type { Access, Cell } from '../engine/model/memory.js'
import { PG_head, PG_locked } from '../kernel/include/page_flags.js'
import type { Page } from '../kernel/include/page.js'
import type { Kernel } from '../kernel/kernel.js'
import { ORACLE_NAMES } from './names.js'
import { pinsOf } from './pins.js'
import type { Oracle } from './oracle.js'

/** Whether the page comes from the allocator, not from a pool of its own: hugetlbfs, or a device. */
const isAllocated = ({ memory }: Kernel, page: Page): boolean =>
  !page.hugetlb && !memory.isDevice(page) && page !== memory.zeroPage && page !== memory.hugeZeroPage && page.block !== memory.hugeZeroPage.block

/** Whether the page, or the folio that it is part of, has no reference. */
function noReferences(m: Pick<Access, 'get'>, { memory: { pages, blocks } }: Kernel, page: Page): boolean {
  const head = m.get(page.compound_head)
  if (m.get((head ? pages[head - 1]! : page)._refcount) !== 0) return false
  // Of pages that were handed out in one piece, but not as one folio, only the first is counted.
  return head > 0 || page.block < 0 || (m.get(page.flags) & PG_head) !== 0 || m.get(blocks[page.block]!.nrFree) > 0
}

const initiallyFree = (kernel: Kernel, page: Page): boolean =>
  noReferences({ get: (cell) => kernel.machine.memory.initial[cell]! }, kernel, page)

/** SYSTEMS: no use after free of pages. */
export const O2: Oracle = {
  id: 'O2',
  name: ORACLE_NAMES.O2,
  text: `A page is free, or has a new owner, or the kernel says that it is alone with it, while a TLB entry, a reference that GUP
handed out, or a device can still reach it; or somebody uses such a page: accesses it, or, in the kernel, flags, locks, counts or copies it.
The same of an object of a driver: it is read, written to, or freed once more after it was freed; or a reference is taken when there is none left.`,
  install(kernel) {
    const { memory, tlb, accessHooks } = kernel.machine
    const { pages, blocks } = kernel.memory
    const pins = pinsOf(kernel)
    const owner = new Map(pages.flatMap((page) => (page ? [[page.content, page] as const] : [])))
    /** By pfn: 1 while the allocator has the page. It looks for itself at those that it does not hand out one by one. */
    const inAllocator = pages.map((page) => page && memory.ghost(`in_allocator[${page.pfn}]`, initiallyFree(kernel, page) ? 1 : 0))
    const isFree = (m: Access, page: Page): boolean =>
      (isAllocated(kernel, page) ? m.get(inAllocator[page.pfn]!) !== 0 : noReferences(m, kernel, page))
    const freed = (m: Access, page: Page, what = 'is given away'): void => {
      const parts = m.get(page.flags) & PG_head && !page.hugetlb ? blocks[page.block]!.pages : [page]
      for (const part of parts) {
        const mask = tlb?.whoCanReach(m, part.content) ?? 0
        for (const cpu of kernel.machine.translators) if (mask & cpu.bit) m.violate('O2', `page ${part.pfn} ${what} while ${cpu.name} can reach it`)
        if (pins.isHeld(m, part.pfn)) m.violate('O2', `page ${part.pfn} ${what} while GUP's caller holds it`)
      }
    }
    for (const page of owner.values()) {
      if (!isAllocated(kernel, page)) {
        memory.watch(page._refcount, (m, _, before, after) => {
          if (after === 0 && before > 0) freed(m, page)
        })
        continue
      }
      const used = (m: Access, how: string): void => {
        if (m.get(inAllocator[page.pfn]!)) m.violate('O2', `page ${page.pfn} is ${how}, and it is free`)
      }
      memory.watch(page._refcount, (m) => used(m, 'counted'))
      memory.watch(page._mapcount, (m) => used(m, 'mapped'))
      memory.watch(page.flags, (m, _, before, after) => used(m, (before ^ after) & PG_locked ? 'locked' : 'flagged'))
      memory.watchWrites(page.content, (m) => used(m, 'written to'))
      memory.watchReads(page.content, (m) => used(m, 'read'))
    }
    /** 1 while the kernel relies on being alone with the page. */
    const alone = pages.map((page) => page && memory.ghost(`alone_with[${page.pfn}]`))
    const isAlone = (m: Access, page: Page): boolean => m.get(alone[page.pfn]!) !== 0
    accessHooks.push((m, { cpu, page }) => {
      const used = owner.get(page)
      if (!used) return
      if (isFree(m, used)) m.violate('O2', `${cpu.name} accesses page ${used.pfn}, which is free`)
      else if (isAlone(m, used)) m.violate('O2', `${cpu.name} accesses page ${used.pfn}, which the kernel uses as its own`)
    })
    for (const allocation of kernel.allocations) {
      const used = (how: string) => (m: Access, cell: Cell): void => {
        const misuse = allocation.misuse(m)
        if (misuse) m.violate('O2', `${memory.names[cell]} is ${how}, ${misuse}`)
      }
      for (const cell of allocation.cells) {
        memory.watchReads(cell, used('read'))
        memory.watchWrites(cell, used('written to'))
      }
      for (const cell of allocation.contained) memory.watchWrites(cell, used('written to'))
    }
    kernel.observers.push({
      misuses: (m, what) => m.violate('O2', what),
      deviceAccesses(m, page) {
        if (isFree(m, page)) m.violate('O2', `a device accesses page ${page.pfn}, which is free`)
        else if (isAlone(m, page)) m.violate('O2', `a device accesses page ${page.pfn}, which the kernel uses as its own`)
      },
      deviceWrites(m, page) {
        if (isFree(m, page)) m.violate('O2', `a device writes to page ${page.pfn}, which is free`)
      },
      frees(m, page) {
        freed(m, page)
        m.set(inAllocator[page.pfn]!, 1)
      },
      allocates: (m, page) => m.set(inAllocator[page.pfn]!, 0),
      reissues: (m, page) => freed(m, page),
      usesAlone(m, page, begins) {
        if (begins) freed(m, page, 'is used by the kernel as its own')
        m.set(alone[page.pfn]!, begins ? 1 : 0)
      },
      usesPage(m, page) {
        if (isFree(m, page) || noReferences(m, kernel, page)) m.violate('O2', `page ${page.pfn} is relied on, and it is free`)
      },
      writesThroughPin(m, page) {
        if (isFree(m, page)) m.violate('O2', `page ${page.pfn} is written to, and it is free`)
        else if (isAlone(m, page)) m.violate('O2', `page ${page.pfn} is written to, and the kernel uses it as its own`)
      },
    })
    return undefined
  },
}
