import { type Cell, Memory } from '../../src/engine/model/memory.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import type { Steps } from '../../src/engine/model/step.js'
import { Machine } from '../../src/machine/machine.js'
import type { AddressSpaceView, TableView } from '../../src/machine/mm-context.js'
import type { Profile } from '../../src/machine/profile.js'
import { profileByName } from '../../src/machine/profiles/index.js'
import {
  _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_PSE, _PAGE_RW, _PAGE_USER, PFN_SHIFT, word_pfn,
} from '../../src/machine/pte.js'

export const RO = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED
export const RW = RO | _PAGE_RW
export const DIRTY = RW | _PAGE_DIRTY
export const HUGE = DIRTY | _PAGE_PSE
export const word = (pfn: number, bits: number): number => (pfn << PFN_SHIFT) | bits

/** A machine with one address space of two tables with two entries each under a top table, and eight pages. */
export function system(profile: string, cpus = 2, changes: Partial<Profile> = {}) {
  const memory = new Memory()
  const machine = new Machine(memory, { ...profileByName(profile)!, ...changes }, { cpus })
  const table = (name: string, shift: number): TableView & { cells: Cell[] } => {
    const cells = memory.cells(name, 2)
    return { cells, entry: (va) => cells[(va >> shift) & 1]! }
  }
  const pmd = table('pmd', 1)
  const tables = [table('ptes0', 0), table('ptes1', 0)]
  const pages = memory.cells('page', 8)
  pages.forEach((cell, pfn) => (memory.initial[cell] = 100 + pfn))
  const mm: AddressSpaceView = {
    context: machine.context('mm'),
    root: pmd,
    rootLevel: 1,
    table: (w) => tables[word_pfn(w)],
    page: (w, va) => pages[word_pfn(w) + (w & _PAGE_PSE ? va & 1 : 0)],
  }
  memory.initial[pmd.cells[0]!] = word(0, DIRTY)
  memory.initial[tables[0]!.cells[0]!] = word(1, DIRTY)
  memory.initial[tables[0]!.cells[1]!] = word(2, DIRTY)
  for (const cpu of machine.cpus) machine.startOn(cpu, mm.context)
  for (let va = 0; va < 4; va++) machine.tlb?.track(mm, va)
  for (const t of [pmd, ...tables]) machine.tlb?.watchTable(t, t.cells)
  /** Another address space, with nothing in it. */
  const other = { context: machine.context('other') }
  const state = Int32Array.from(memory.initial)
  const run = (cpu: number): Sequential => new Sequential(memory, machine.cpus[cpu], state)
  return {
    memory, machine, mm, other, pmd, tables, pages, state,
    pte: (va: number): Cell => tables[0]!.entry(va),
    on: (cpu: number, code: () => Steps<unknown>): unknown => run(cpu).run(code()),
    set: (cell: Cell, value: number): void => run(0).set(cell, value),
    /** The leaf words that this CPU may use, the one in the tables first. */
    sees: (cpu: number, va: number): number[] =>
      machine.tlb!.translations(run(cpu), machine.cpus[cpu]!, mm, va).map((leaf) => leaf.word),
    canReach: (pfn: number): number => machine.tlb!.whoCanReach(run(0), pages[pfn]!),
    canWalk: (n: number): number => machine.tlb!.whoCanWalk(run(0), tables[n]!),
  }
}
