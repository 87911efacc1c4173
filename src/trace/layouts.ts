import { type ReportOptions, table } from './report.js'
import { rowsOf } from './rows.js'
import type { Trace } from './trace.js'
import { oracleName } from './verdict.js'

/** Shapes of a table: `table` the whole report, the others for pasting. */
export const LAYOUTS = ['table', 'commit', 'lockdep', 'comment', 'rst', 'markdown'] as const
export type Layout = (typeof LAYOUTS)[number]

/** A run in the shape asked for. `whole` is the full report. */
export function layout(name: Layout, whole: string, trace: Trace, options: ReportOptions): string {
  const lines = (width: number): string[] => table(trace, { ...options, width })
  const width = options.width ?? 72
  switch (name) {
    case 'table':
      return whole
    case 'commit':
      return lines(width).join('\n')
    case 'lockdep':
      return lockdep(trace, width).join('\n')
    case 'comment':
      return ['/*', ...lines(width - 3).map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n')
    case 'rst':
      return ['::', '', ...lines(width - 2).map((line) => `  ${line}`.trimEnd())].join('\n')
    case 'markdown':
      return ['```', ...lines(width), '```'].join('\n')
  }
}

const SECOND = 31

/** The two columns of a lockdep report: steps only, the first lane at column 2, others at column 31. */
function lockdep(trace: Trace, width: number): string[] {
  const head = trace.lanes.map((_, lane) => `CPU${lane}`)
  const column = (lane: number): number => (lane === 0 ? 7 : SECOND + (lane - 1) * 24)
  const across = (texts: readonly string[]): string => texts.reduce((line, text, lane) => line.padEnd(column(lane)) + text, '')
  const steps = rowsOf(trace, { all: false }).filter((row) => row.step !== undefined)
    .map((row) => `${' '.repeat(row.lane === 0 ? 2 : column(row.lane))}${row.text};`.slice(0, width))
  const verdict = trace.violation ? ['', ` *** ${oracleName(trace.violation.oracle).toUpperCase()} ***`] : []
  return [across(head), across(head.map((name) => '-'.repeat(name.length))), ...steps, ...verdict]
}
