import type { Found } from '../engine/search/result.js'
import type { Outcome } from '../race/check.js'
import { commitTable, type TableOptions, wrap } from './commit-table.js'
import { orderLines } from './order-lines.js'
import { lockReport } from './lock-report.js'
import type { Orders } from './orders.js'
import { rowsOf } from './rows.js'
import { type Trace, traceOf } from './trace.js'
import { conditionsLine, headline, oracleName, runLine, searchLine } from './verdict.js'

export interface ReportOptions extends TableOptions {
  /** Show every step of the run. */
  readonly allSteps?: boolean
}

/** The text of `mmrace check` for one outcome: verdict, conditions, what was searched, and the table if there is a run. */
export function report(outcome: Outcome, trace: Trace | undefined, options: ReportOptions = {}, orders?: Orders): string {
  const width = options.width ?? 72
  const lines = hanging(headline(outcome), width, '  ')
  lines.push(...hanging(`  ${conditionsLine(outcome)}`, width, '    '))
  lines.push(...hanging(`  ${searchLine(outcome)}`, width, '    '))
  const { verdict, stats } = outcome.result
  if (verdict === 'holds') {
    lines.push(...hanging(`  reached: ${stats.reached.join(', ') || 'nothing'}`, width, '    '))
    if (stats.omission) lines.push(`  probability that a fingerprint hid a state: ${stats.omission.toExponential(0)}`)
  }
  if (trace) lines.push(...run(outcome, trace, width, options, orders))
  if ('fair' in outcome.result && outcome.result.fair) lines.push(...note(outcome, outcome.result.fair, width, options))
  if (outcome.lockCycles.length > 0) lines.push('', ...lockReport(outcome.lockCycles, width))
  return lines.join('\n')
}

function run(outcome: Outcome, trace: Trace, width: number, options: ReportOptions, orders: Orders | undefined): string[] {
  const lines = [...hanging(`  ${runLine(outcome, trace)}`, width, '    '), '', ...table(trace, options)]
  if (orders) lines.push('', ...orderLines(orders, width))
  if (trace.loop !== undefined) lines.push(`  the last ${trace.loop} steps repeat for ever`)
  return lines
}

/** A run without end that is no violation by itself. */
function note({ loaded }: Outcome, fair: Found, width: number, options: ReportOptions): string[] {
  const trace = traceOf(loaded, fair)
  return [
    '', ...hanging(`  note: ${fair.violation.message}; with --fair it is a violation`, width, '    '), '', ...table(trace, options),
    `  the last ${trace.loop} steps repeat for ever`,
  ]
}

/** The table alone. */
export function table(trace: Trace, options: ReportOptions = {}): string[] {
  const rows = rowsOf(trace, { all: options.allSteps ?? false })
  const { violation } = trace
  const verdict = violation && `${oracleName(violation.oracle).toUpperCase()}: ${violation.message}`
  return commitTable(trace.lanes, rows, verdict, options)
}

function hanging(text: string, width: number, indent: string): string[] {
  const start = text.length - text.trimStart().length
  return wrap(text.trimStart(), width - Math.max(start, indent.length)).map((line, i) => (i === 0 ? ' '.repeat(start) : indent) + line)
}
