import { LimitError, LitmusError, UndecidedError } from '../../litmus/litmus-error.js'
import { parseLitmus } from '../../litmus/parse/parse-litmus.js'
import type { Model } from '../../litmus/reachable.js'
import { herdText } from '../../litmus/report/herd-text.js'
import { litmusJson } from '../../litmus/report/litmus-json.js'
import { explanationText, verdictLine } from '../../litmus/report/verdict-text.js'
import { type LitmusReport, runLitmus } from '../../litmus/run-litmus.js'
import { Exit } from '../exit-codes.js'
import { readText } from './litmus-files.js'

/** A file checked, or why it could not be. */
export interface Outcome {
  readonly file: string
  readonly report: LitmusReport | undefined
  readonly error: LitmusError | undefined
  readonly milliseconds: number
}

/** Checks a file; `explain` also draws and tries barriers. */
export function check(file: string, model: Model, explain: boolean): Outcome {
  const start = performance.now()
  const done = (result: Pick<Outcome, 'report' | 'error'>): Outcome =>
    ({ file, ...result, milliseconds: performance.now() - start })
  try {
    return done({ report: runLitmus(parseLitmus(readText(file)), model, explain), error: undefined })
  } catch (error) {
    if (error instanceof LitmusError) return done({ report: undefined, error })
    throw error
  }
}

export const outcomeJson = ({ file, report, error }: Outcome): object =>
  ({ file, ...(report ? litmusJson(report) : { error: error!.message }) })

/** The output of herd7, with an empty line after each test. */
export const outcomeHerd = ({ report, error, file }: Outcome): string[] =>
  (report ? [...herdText(report), ''] : [`${file}: ${error!.message}`, ''])

/** All there is to say of one file. */
export const outcomeText = ({ report, error, file }: Outcome): string[] =>
  (report ? [...herdText(report), '', verdictLine(report), ...explanationText(report)] : [`${file}: ${error!.message}\n  hint: ${error!.hint}`])

/** One line of a list. */
export function outcomeLine(outcome: Outcome): string {
  const { file, report, error } = outcome
  const counts = report?.counts
  const states = counts?.complete ? `  ${counts.states.length} states` : ''
  const empty = report?.verdict === 'VACUOUS' ? '  no execution' : ''
  return `${word(outcome).padEnd(10)} ${file}${error ? `  ${error.message}` : states}${empty}${counts?.dataRace ? '  data race' : ''}`
}

/** herd7's word, or what kept the test from getting one. */
const word = ({ report, error }: Outcome): string =>
  report?.observation ?? (!error || error instanceof UndecidedError ? 'Unknown' : error instanceof LimitError ? 'TooLarge' : 'Error')

export function summaryLine(outcomes: readonly Outcome[], model: Model): string {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(word(outcome), (counts.get(word(outcome)) ?? 0) + 1)
  const times = outcomes.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b)
  const words = [...counts].toSorted().map(([name, n]) => `${n} ${name}`).join(', ')
  const under = model === 'sc' ? ' (never under sequential consistency)' : model === 'tso' ? ' (never under TSO)' : ''
  const only = counts.has('Never') ? under : ''
  return `${outcomes.length} tests: ${words}${only}; median ${times[times.length >> 1]!.toFixed(2)} ms`
}

/** Violated if the outcome of any test can happen. */
export function exitOfOutcomes(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ report }) => report?.verdict === 'VIOLATED')) return Exit.violated
  if (outcomes.some(({ error }) => error && !(error instanceof LimitError || error instanceof UndecidedError))) return Exit.usage
  if (outcomes.some(({ report }) => !report || report.verdict === 'INCONCLUSIVE')) return Exit.incomplete
  return outcomes.some(({ report }) => report?.verdict === 'VACUOUS') ? Exit.vacuous : Exit.holds
}
