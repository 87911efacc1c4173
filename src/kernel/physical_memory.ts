import { QUIET, type Cell, type Memory } from '../engine/model/memory.js'
import type { Geometry, SizeName } from './geometry.js'
import { DevPagemap, type MemoryType } from './include/dev_pagemap.js'
import { Page } from './include/page.js'
import { PG_head, PG_reserved } from './include/page_flags.js'
import { TooSmall } from './too_small.js'

/** The size that says how much of it there is. */
const DEVICE_MEMORY = {
  private: 'devicePrivate', coherent: 'deviceCoherent', fs_dax: 'fsdax', generic: 'deviceDax', pci_p2pdma: 'p2pdma',
} as const satisfies Readonly<Record<MemoryType, SizeName>>

/** A block of pages that is handed out as one huge page. Split, its pages come back one by one. */
export interface Block {
  readonly nid: number
  readonly pages: readonly Page[]
  /** Free pages of the block. */
  readonly nrFree: Cell
  readonly next: Cell
  /** page_deferred_list() of the huge page: see mm/huge_memory/deferred_split.ts. */
  readonly deferred_list: Cell
}

/** The page frames of the machine: the zero page, the huge zero page, and per node order-0 pages and blocks. */
export class PhysicalMemory {
  /** By page frame number. */
  readonly pages: (Page | undefined)[] = []
  readonly blocks: Block[] = []
  /** Per node: pfn of the first free page; index plus one of the first free block. */
  readonly freePages: readonly Cell[]
  readonly freeBlocks: readonly Cell[]
  /** Per node: pfn of the first free page of CMA. */
  readonly freeCma: readonly Cell[]
  /** struct hstate of hugetlbfs: pfn of the first free page, how many are free, and how many of these are promised to somebody. */
  readonly freeHugetlb: Cell
  readonly free_huge_pages: Cell
  readonly resv_huge_pages: Cell
  readonly zeroPage: Page
  readonly hugeZeroPage: Page
  /** Nodes of ZONE_MOVABLE, the last ones (as with movable_node): not for long-term pins, nor for the kernel's own pages. */
  readonly movable: ReadonlySet<number>

  /** Pages in blocks of MIGRATE_CMA: not for long-term pins, nor for the kernel's own pages. */
  readonly cma = new Set<Page>()

  /** Pages that drivers have allocated for themselves, each with a reference of its driver. Set at set-up. */
  readonly ofDrivers = new Set<Page>()

  /** Memory of devices (ZONE_DEVICE). */
  readonly pagemaps: readonly DevPagemap[]

  constructor(memory: Memory, geometry: Geometry) {
    const size = geometry.ptrsPerPte
    const first = geometry.nodes - geometry.movableNodes
    this.movable = new Set(Array.from({ length: geometry.movableNodes }, (_, i) => first + i))
    const make = (pfn: number, nid: number, block: number, hugetlb = false): Page =>
      (this.pages[pfn] = new Page(memory, pfn, nid, block, hugetlb))
    const initial = (cell: Cell, value: number): void => void (memory.initial[cell] = value)
    this.zeroPage = make(1, 0, -1)
    initial(this.zeroPage.flags, PG_reserved)
    initial(this.zeroPage._refcount, 1)
    this.freePages = memory.cells('free_pages', geometry.nodes, 0, QUIET)
    this.freeBlocks = memory.cells('free_blocks', geometry.nodes, 0, QUIET)
    this.freeCma = memory.cells('free_cma', geometry.cmaPages > 0 ? geometry.nodes : 0, 0, QUIET)
    let pfn = size
    const block = (nid: number): Page[] => {
      const pages = Array.from({ length: size }, () => make(pfn++, nid, this.blocks.length))
      this.blocks.push({
        nid, pages, nrFree: memory.quiet(`block${this.blocks.length}.nr_free`, size), next: memory.quiet(`block${this.blocks.length}.next`),
        deferred_list: memory.cell(`block${this.blocks.length}.deferred_list`),
      })
      return pages
    }
    const zero = block(0)
    this.hugeZeroPage = zero[0]!
    initial(this.hugeZeroPage._refcount, 1)
    initial(this.hugeZeroPage.flags, PG_head)
    for (const page of zero.slice(1)) initial(page.compound_head, this.hugeZeroPage.pfn + 1)
    for (let nid = 0; nid < geometry.nodes; nid++) {
      for (let i = 0; i < geometry.hugePages; i++) {
        block(nid)
        const index = this.blocks.length
        if (i === 0) initial(this.freeBlocks[nid]!, index)
        if (i + 1 < geometry.hugePages) initial(this.blocks[index - 1]!.next, index + 1)
      }
    }
    const pagemap = (count: number, type: MemoryType): DevPagemap[] =>
      count === 0 ? [] : [new DevPagemap(memory, type, Array.from({ length: count }, () => make(pfn++, 0, -1)))]
    this.pagemaps = [
      ...pagemap(geometry.devicePrivate, 'private'), ...pagemap(geometry.deviceCoherent, 'coherent'),
      ...pagemap(geometry.fsdax, 'fs_dax'), ...pagemap(geometry.deviceDax, 'generic'), ...pagemap(geometry.p2pdma, 'pci_p2pdma'),
    ]
    for (const { type, pages } of this.pagemaps) {
      for (const page of pages) {
        initial(page.flags, PG_reserved)
        if (type !== 'private' && type !== 'coherent') initial(page._refcount, 1)
      }
    }
    for (let nid = 0; nid < geometry.nodes; nid++) {
      for (let i = 0; i < geometry.pages; i++) {
        const page = make(pfn++, nid, -1)
        if (i === 0) initial(this.freePages[nid]!, page.pfn)
        if (i + 1 < geometry.pages) initial(page.lru, page.pfn + 1)
      }
    }
    for (const [nid, first] of this.freeCma.entries()) {
      for (let i = 0; i < geometry.cmaPages; i++) {
        const page = make(pfn++, nid, -1)
        this.cma.add(page)
        if (i === 0) initial(first, page.pfn)
        if (i + 1 < geometry.cmaPages) initial(page.lru, page.pfn + 1)
      }
    }
    this.freeHugetlb = memory.cell('hugepage_freelists', geometry.hugetlbPages > 0 ? pfn : 0)
    this.free_huge_pages = memory.cell('h->free_huge_pages', geometry.hugetlbPages)
    this.resv_huge_pages = memory.cell('h->resv_huge_pages')
    for (let i = 1; i <= geometry.hugetlbPages; i++) {
      const page = make(pfn++, (geometry.nodes - (i % geometry.nodes)) % geometry.nodes, -1, true)
      initial(page.flags, PG_head)
      if (i < geometry.hugetlbPages) initial(page.lru, pfn)
    }
  }

  /** page->pgmap; of device memory only. */
  pagemapOf(page: Page): DevPagemap | undefined {
    return this.pagemaps.find((pagemap) => pagemap.has(page))
  }

  /** include/linux/memremap.h:is_device_private_page: memory that the CPU cannot reach. */
  isDevicePrivate(page: Page): boolean {
    return this.pagemapOf(page)?.type === 'private'
  }

  /** include/linux/memremap.h:is_device_coherent_page */
  isDeviceCoherent(page: Page): boolean {
    return this.pagemapOf(page)?.type === 'coherent'
  }

  /** include/linux/memremap.h:is_pci_p2pdma_page: in the BAR of a PCI device, for which ordinary DMA does not work. */
  isPciP2pdma(page: Page): boolean {
    return this.pagemapOf(page)?.type === 'pci_p2pdma'
  }

  /** The one of this type. */
  pagemapOfType(type: MemoryType): DevPagemap {
    const found = this.pagemaps.find((pagemap) => pagemap.type === type)
    if (!found) throw new TooSmall(DEVICE_MEMORY[type])
    return found
  }

  /** include/linux/mm.h:is_zone_device_page */
  isDevice(page: Page): boolean {
    return this.pagemapOf(page) !== undefined
  }
}
