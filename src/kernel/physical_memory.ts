import type { Cell, Memory } from '../engine/model/memory.js'
import type { Geometry } from './geometry.js'
import { Page } from './include/page.js'
import { PG_head, PG_reserved } from './include/page_flags.js'

/** A block of pages that is handed out as one huge page. Split, its pages come back one by one. */
export interface Block {
  readonly nid: number
  readonly pages: readonly Page[]
  /** Free pages of the block. */
  readonly nrFree: Cell
  readonly next: Cell
}

/** The page frames of the machine: the zero page, the huge zero page, and per node order-0 pages and blocks. */
export class PhysicalMemory {
  /** By page frame number. */
  readonly pages: (Page | undefined)[] = []
  readonly blocks: Block[] = []
  /** Per node: pfn of the first free page; index plus one of the first free block. */
  readonly freePages: readonly Cell[]
  readonly freeBlocks: readonly Cell[]
  readonly zeroPage: Page
  readonly hugeZeroPage: Page
  /** Pages of ZONE_MOVABLE and CMA: not for long-term pins. */
  readonly movable: ReadonlySet<number> = new Set()

  /** Memory of a device that the CPU cannot reach (MEMORY_DEVICE_PRIVATE), and that it can (MEMORY_DEVICE_COHERENT). */
  readonly devicePrivate: readonly Page[]
  readonly deviceCoherent: readonly Page[]

  constructor(memory: Memory, geometry: Geometry) {
    const size = geometry.ptrsPerPte
    const make = (pfn: number, nid: number, block: number): Page => (this.pages[pfn] = new Page(memory, pfn, nid, block))
    const initial = (cell: Cell, value: number): void => void (memory.initial[cell] = value)
    this.zeroPage = make(1, 0, -1)
    initial(this.zeroPage.flags, PG_reserved)
    initial(this.zeroPage._refcount, 1)
    this.freePages = memory.cells('free_pages', geometry.nodes)
    this.freeBlocks = memory.cells('free_blocks', geometry.nodes)
    let pfn = size
    const block = (nid: number): Page[] => {
      const pages = Array.from({ length: size }, () => make(pfn++, nid, this.blocks.length))
      this.blocks.push({
        nid, pages, nrFree: memory.cell(`block${this.blocks.length}.nr_free`, size), next: memory.cell(`block${this.blocks.length}.next`),
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
    this.devicePrivate = Array.from({ length: geometry.devicePrivate }, () => make(pfn++, 0, -1))
    this.deviceCoherent = Array.from({ length: geometry.deviceCoherent }, () => make(pfn++, 0, -1))
    for (let nid = 0; nid < geometry.nodes; nid++) {
      for (let i = 0; i < geometry.pages; i++) {
        const page = make(pfn++, nid, -1)
        if (i === 0) initial(this.freePages[nid]!, page.pfn)
        if (i + 1 < geometry.pages) initial(page.lru, page.pfn + 1)
      }
    }
  }

  /** include/linux/memremap.h:is_device_private_page */
  isDevicePrivate(page: Page): boolean {
    return holds(this.devicePrivate, page)
  }

  isDeviceCoherent(page: Page): boolean {
    return holds(this.deviceCoherent, page)
  }

  /** include/linux/mm.h:is_zone_device_page */
  isDevice(page: Page): boolean {
    return this.isDevicePrivate(page) || this.isDeviceCoherent(page)
  }
}

/** Whether a run of pages has this one. */
const holds = (run: readonly Page[], page: Page): boolean => run[page.pfn - (run[0]?.pfn ?? 0)] === page
