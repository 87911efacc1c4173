import { PG_dirty, PG_referenced } from '../kernel/include/page_flags.js'
import type { Comparison, Difference } from './compare.js'

/*
 * The zero pages outlive programs, and programs leave traces in them: PG_referenced toggles with each access through
 * GUP, and a pin that a program holds may be written through. What a program finds is history that its recording
 * does not tell but shows.
 */

const HISTORY = PG_referenced | PG_dirty
const bits = (flags: string): number => (flags.includes('REFERENCED') ? PG_referenced : 0) | (flags.includes('DIRTY') ? PG_dirty : 0)
const others = (flags: string): string => flags.split('|').filter((name) => !['', 'REFERENCED', 'DIRTY'].includes(name)).join('|')

/** Whether a difference is about the traces that earlier programs left in a zero page. */
const isHistory = ({ field, zeroPage, real, model }: Difference): boolean => {
  if (zeroPage === undefined) return false
  if (field === 'value' || field === 'result') return true
  if (field === 'page-flags') return ((Number.parseInt(real, 16) ^ Number.parseInt(model, 16)) & ~HISTORY) === 0
  return field === 'volatile-flags' && others(real) === others(model)
}

/**
 * If the first difference of a run is about such traces only: what the program must have found, else undefined.
 * `found`: flags and content of the zero page (0) and of each page of the huge zero page (1 …), one after the other.
 */
export const otherHistory = (comparison: Comparison, found: readonly number[]): number[] | undefined => {
  const { differences } = comparison
  if (differences.length === 0 || !differences.every(isHistory)) return undefined
  const history = [...found]
  for (const { field, zeroPage, real, model } of differences) {
    const at = 2 * zeroPage!
    if (field === 'volatile-flags') history[at] = found[at]! ^ bits(real) ^ bits(model)
    else if (field === 'value') history[at + 1] = Number(real)
  }
  return history
}
