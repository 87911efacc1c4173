import type { Cell } from '../engine/model/memory.js'
import { PG_active, PG_dirty, PG_mlocked, PG_referenced, PG_swapbacked, PG_uptodate, PG_workingset } from '../kernel/include/page_flags.js'
import type { Page } from '../kernel/include/page.js'
import type { Comparison, Difference } from './compare.js'
import { shownPage } from './page_view.js'
import type { System } from './system.js'

/*
 * Some pages outlive programs, and programs leave traces in them. In the zero pages: PG_referenced toggles with each
 * access through GUP, and a pin that a program holds may be written through. In the pages of a device, which no
 * allocator prepares again: the flags that migration sets and nobody clears. What a program finds there is history that
 * its recording does not tell but shows.
 */

/** Values of cells when a program starts, where they differ from those after boot. */
export type History = ReadonlyMap<Cell, number>

/** MADV_FREE memory shows the swap-backed page that was in a device's page before. */
const TRACES = PG_referenced | PG_dirty | PG_uptodate | PG_active | PG_workingset | PG_swapbacked | PG_mlocked
const NAMES = new Map([['REFERENCED', PG_referenced], ['DIRTY', PG_dirty], ['UPTODATE', PG_uptodate], ['ACTIVE', PG_active]])
const others = (flags: string): string => flags.split('|').filter((name) => name !== '' && !NAMES.has(name)).join('|')
const named = (flags: string): number => flags.split('|').reduce((all, name) => all | (NAMES.get(name) ?? 0), 0)
const bits = (difference: Difference): number => Number.parseInt(difference.real, 16) ^ Number.parseInt(difference.model, 16)

/** The flags that user space sees for those of a page. */
const flagsOf = (system: System, page: Page): Cell => {
  const head = system.get(page.compound_head)
  return shownPage(system, page, head ? system.kernel.page(head - 1) : page).flags
}

/** What a recording's value says that the program found, as a cell and its change; undefined if it is no such trace. `seen`: all flags were. */
const traceOf = (system: System, difference: Difference, seen: boolean): readonly [cell: Cell, change: (value: number) => number] | undefined => {
  const { page, field, real, model } = difference
  const { memory } = system.kernel
  if (!page || (!memory.isDevice(page) && !system.isZeroPage(page))) return undefined
  if (field === 'value') return [page.content, () => Number(real)]
  if (field === 'volatile-flags') return others(real) === others(model) ? [flagsOf(system, page), (value) => value ^ (seen ? 0 : named(real) ^ named(model))] : undefined
  if (field !== 'page-flags' || bits(difference) & ~TRACES) return undefined
  return [page.flags, (value) => value ^ bits(difference)]
}

/** If the first difference of a run is about such traces only: what the program must have found. */
export const otherHistory = (system: System, { differences }: Comparison, found: History): History | undefined => {
  const [first, ...more] = differences
  // A device, or who holds a pin, reads the zero page without mapping it.
  if (first?.field === 'result' && more.length === 0) return new Map(found).set(system.kernel.memory.zeroPage.content, Number(first.real))
  const seen = differences.some(({ field }) => field === 'page-flags')
  const traces = differences.filter(({ field }) => field !== 'result').map((difference) => traceOf(system, difference, seen))
  if (traces.length === 0 || traces.includes(undefined)) return undefined
  const history = new Map(found)
  for (const [cell, change] of traces as NonNullable<(typeof traces)[number]>[]) {
    history.set(cell, change(found.get(cell) ?? system.initialOf(cell)))
  }
  return history
}
