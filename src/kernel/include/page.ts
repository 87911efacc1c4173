import { QUIET, type Cell, type CellOptions, type Memory } from '../../engine/model/memory.js'
import { format_page_flags, PG_anon_exclusive, PG_dirty, PG_swapbacked, PG_writeback } from './page_flags.js'

const PG_CELLS = ['flags', '_refcount', 'mapping', 'index', 'private', 'compound_head', 'compound_pincount', 'lru', 'content'] as const

/** `anon_vma0`, `file1`, as the pointer's low bits say. */
function format_mapping(mapping: number): string {
  if (mapping === 0) return 'none'
  const kind = mapping & PAGE_MAPPING_FLAGS
  const ref = (mapping >> 2) - 1
  return kind === 0 ? `file${ref}` : kind === PAGE_MAPPING_KSM ? `stable_node${ref}` : kind === PAGE_MAPPING_ANON ? `anon_vma${ref}` : `movable${ref}`
}

const OPTIONS: { readonly [field: string]: CellOptions } = {
  flags: { format: format_page_flags, toldBits: PG_anon_exclusive | PG_dirty | PG_swapbacked | PG_writeback }, lru: QUIET, content: { interest: 'data' },
  mapping: { format: format_mapping }, compound_head: { format: (head) => (head === 0 ? 'none' : `page${head - 1}`) },
}

/**
 * A struct page. A folio is its head page; 6.1 overlays the two.
 * `mapping` is 0, or a pool reference times 4 plus PAGE_MAPPING bits; `compound_head` is the head's pfn plus one in tail pages;
 * `content` stands for what is in the page (its first byte, in programs of system calls).
 */
export class Page {
  readonly flags: Cell
  readonly _refcount: Cell
  /** Mappings by PTEs, minus one. */
  readonly _mapcount: Cell
  /** Mappings by PMDs, minus one; of head pages. */
  readonly compound_mapcount: Cell
  /** FOLL_PIN pins of a large folio. Order-0 pages count them in `_refcount`, GUP_PIN_COUNTING_BIAS each. */
  readonly compound_pincount: Cell
  readonly mapping: Cell
  readonly index: Cell
  readonly private: Cell
  readonly compound_head: Cell
  /** The union with page->lru: link of the free list, or mlock_count. */
  readonly lru: Cell
  readonly content: Cell

  /** `hugetlb`: one of the huge pages of hugetlbfs, whose parts are never mapped or held one by one. */
  constructor(
    memory: Memory, readonly pfn: number, readonly nid: number, readonly block: number, readonly hugetlb = false,
  ) {
    const cells = PG_CELLS.map((field) => memory.cell(`page${pfn}.${field}`, 0, OPTIONS[field]))
    ;[this.flags, this._refcount, this.mapping, this.index, this.private, this.compound_head, this.compound_pincount, this.lru,
      this.content] = cells as [Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell]
    this._mapcount = memory.cell(`page${pfn}._mapcount`, -1)
    this.compound_mapcount = memory.cell(`page${pfn}.compound_mapcount`, -1)
  }
}

/** A head page, or an order-0 page. */
export type Folio = Page

export const PAGE_MAPPING_ANON = 1
export const PAGE_MAPPING_KSM = 3
export const PAGE_MAPPING_FLAGS = 3
/** Number of references that stand for one FOLL_PIN of an order-0 page. */
export const GUP_PIN_COUNTING_BIAS = 1024
