import type { Access, Cell, Memory } from '../../engine/model/memory.js'
import type { TableView } from '../../machine/mm-context.js'
import type { Pool, Pooled } from '../pool.js'
import { format_pmd, format_word } from './format_word.js'

/** A page of page-table entries, and what its struct page holds: the split lock and the deposited tables. */
export class PageTable implements Pooled, TableView {
  readonly entries: readonly Cell[]
  readonly ptl: Cell
  /** Of a PMD table: the first of the PTE tables deposited for its huge entries. Linked by `next`. */
  readonly pmd_huge_pte: Cell
  /** 1 while allocated (PG_table). Freed and allocated again, it may belong to another place. */
  readonly table: Cell
  /** Of a table of hugetlbfs: address spaces that use it, beside the first. */
  readonly pt_share_count: Cell

  /** `span`: pages that one entry maps: 1 in a PTE table. */
  constructor(
    memory: Memory, readonly ref: number, readonly next: Cell, name: string, count: number, private readonly span: number,
  ) {
    this.ptl = memory.quiet(`${name}.ptl`)
    this.pmd_huge_pte = memory.cell(`${name}.pmd_huge_pte`)
    this.table = memory.quiet(`${name}.table`)
    this.pt_share_count = memory.cell(`${name}.pt_share_count`)
    this.entries = memory.cells(span > 1 ? `${name}.pmd` : `${name}.pte`, count, 0, { format: span > 1 ? format_pmd : format_word, interest: 'entry' })
  }

  /** The entry for a page number. */
  entry(address: number): Cell {
    return this.entries[Math.floor(address / this.span) % this.entries.length]!
  }
}

/** Gives a table back to the pool, inside a step. It may be allocated again by anybody. */
export const free_table = (m: Access, tables: Pool<PageTable>, table: PageTable): void => {
  m.set(table.table, 0)
  m.set(table.next, m.get(tables.free))
  m.set(tables.free, table.ref)
  m.note(`table${table.ref - 1} is free`)
}
