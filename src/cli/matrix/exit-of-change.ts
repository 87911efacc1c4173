import type { ChangeCell } from '../../race/change-cell.js'
import { turnOf } from '../../trace/change-report.js'
import { Exit } from '../exit-codes.js'

/** A change is no good that breaks something; nothing is known of one that nothing has run. */
export function exitOfChange(cells: readonly ChangeCell[]): number {
  const turns = new Set(cells.map(turnOf))
  if (turns.has('breaks') || turns.has('other')) return Exit.violated
  if (turns.has('unknown')) return Exit.incomplete
  return cells.some(({ executed }) => executed.length > 0) ? Exit.holds : Exit.vacuous
}
