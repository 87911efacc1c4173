import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../engine/errors.js'
import { Comparison } from '../../litmus/compare/Comparison.js'
import { expectationFor, readExpectations } from '../../litmus/compare/expectations.js'
import { LimitError, LitmusError, UndecidedError } from '../../litmus/LitmusError.js'
import { parseLitmus } from '../../litmus/parse/parseLitmus.js'
import { type Model, MODELS } from '../../litmus/reachable.js'
import { herdText } from '../../litmus/report/herdText.js'
import { litmusJson } from '../../litmus/report/litmusJson.js'
import { explanationText, verdictLine } from '../../litmus/report/verdictText.js'
import { type LitmusReport, runLitmus } from '../../litmus/runLitmus.js'

export interface LitmusOptions {
  /** `lkmm` (default), `tso` or `sc`. */
  readonly model?: string
  /** `text` (default) or `json`: one object per line. */
  readonly format?: string
  /** A CSV file of expected results: see docs/litmus.md. */
  readonly compare?: string
}

/** Where a command writes. */
export interface Output {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Whether stderr can show a line that changes. */
  readonly isTerminal: boolean
}

/** A file checked, or why it could not be. */
interface Outcome {
  readonly file: string
  readonly report: LitmusReport | undefined
  readonly error: LitmusError | undefined
  readonly milliseconds: number
}

const HOLDS = 0
const VIOLATED = 1
const USAGE = 2
const INCOMPLETE = 3

/**
 * `mmrace litmus <file|dir>…`. One file: herd7's output, the verdict, the execution drawn, and the barriers. Several: a
 * line for each. With `compare`: what differs from the expected results, and how much agrees. Returns the exit code.
 */
export function litmus(paths: readonly string[], options: LitmusOptions, output: Output): number {
  const model = MODELS.find((m) => m === (options.model ?? 'lkmm'))
  if (!model) throw new UserError('unknown-model', `no model ${options.model}`, `use one of ${MODELS.join(', ')}`)
  const format = options.format ?? 'text'
  if (format !== 'text' && format !== 'json') throw new UserError('unknown-format', `no format ${format}`, 'use text or json')
  const files = paths.flatMap(litmusFiles)
  if (files.length === 0) throw new UserError('no-litmus-files', 'no C litmus files found', 'name a file or a directory of them')
  const expectations = options.compare === undefined ? undefined : readExpectations(read(options.compare), model)

  const single = files.length === 1
  const comparison = new Comparison()
  const progress = new Progress(files.length, output)
  const outcomes: Outcome[] = []
  for (const file of files) {
    const outcome = check(file, model, single)
    outcomes.push(outcome)
    const expected = expectations && expectationFor(file, expectations)
    const differences = expected ? comparison.add(outcome.report, expected) : []
    progress.clear()
    if (format === 'json') output.stdout(JSON.stringify({ file, ...json(outcome), differences }))
    else if (single) lines(outcome).forEach(output.stdout)
    else if (!expectations) output.stdout(`${word(outcome).padEnd(12)} ${file}${detail(outcome)}`)
    if (format === 'text') for (const difference of differences) output.stdout(`${file}: ${difference}`)
    progress.show(outcomes.length)
  }
  progress.clear()
  if (format === 'text' && !single) summary(outcomes, model).forEach(output.stdout)
  if (!expectations) return exitCode(outcomes)
  if (format === 'text') comparison.summary().forEach(output.stdout)
  return comparison.allAgree ? HOLDS : VIOLATED
}

function check(file: string, model: Model, explain: boolean): Outcome {
  const start = performance.now()
  const done = (result: Pick<Outcome, 'report' | 'error'>): Outcome => ({ file, ...result, milliseconds: performance.now() - start })
  try {
    return done({ report: runLitmus(parseLitmus(read(file)), model, explain), error: undefined })
  } catch (error) {
    if (error instanceof LitmusError) return done({ report: undefined, error })
    throw error
  }
}

/** The file, or the C litmus files below the directory; other dialects in it are passed over. */
function litmusFiles(where: string): string[] {
  if (!isDirectory(where)) return [where]
  return readdirSync(where, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.litmus')).toSorted().map((name) => path.join(where, name))
    .filter((file) => /^\s*C\s/.test(read(file)))
}

function isDirectory(where: string): boolean {
  const stat = statSync(where, { throwIfNoEntry: false })
  if (!stat) throw new UserError('no-such-file', `there is no ${where}`, 'name a litmus file or a directory')
  return stat.isDirectory()
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UserError('cannot-read', `cannot read ${file}: ${(cause as Error).message}`, 'check the path')
  }
}

const json = ({ report, error }: Outcome): object => (report ? litmusJson(report) : { error: error!.message })

const lines = ({ report, error, file }: Outcome): string[] =>
  (report ? [...herdText(report), '', verdictLine(report), ...explanationText(report)] : [`${file}: ${error!.message}`])

const word = ({ report, error }: Outcome): string =>
  (report?.observation ?? (error instanceof UndecidedError ? 'Unknown' : error instanceof LimitError ? 'TooLarge' : 'Error'))

const detail = ({ report, error }: Outcome): string => {
  if (error) return `  ${error.message}`
  const counts = report?.counts
  return `${counts?.complete ? `  ${counts.states.length} states` : ''}${counts?.dataRace ? '  data race' : ''}`
}

function summary(outcomes: readonly Outcome[], model: Model): string[] {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) counts.set(word(outcome), (counts.get(word(outcome)) ?? 0) + 1)
  const times = outcomes.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b)
  const median = times[times.length >> 1]!
  const words = [...counts].toSorted().map(([name, n]) => `${n} ${name}`).join(', ')
  const under = model === 'sc' ? ', under sequential consistency' : model === 'tso' ? ', under TSO' : ''
  return [`${outcomes.length} tests: ${words}${under}; median ${median.toFixed(2)} ms`]
}

function exitCode(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ report }) => report?.verdict === 'VIOLATED')) return VIOLATED
  if (outcomes.some(({ error }) => error && !(error instanceof LimitError || error instanceof UndecidedError))) return USAGE
  return outcomes.every(({ report }) => report?.verdict === 'HOLDS') ? HOLDS : INCOMPLETE
}

/** `1200 of 3775 tests`: on a terminal four times a second, elsewhere every ten seconds. */
class Progress {
  private readonly every: number
  private last = performance.now()
  private shown = false

  constructor(private readonly total: number, private readonly output: Output) {
    this.every = output.isTerminal ? 250 : 10_000
  }

  show(done: number): void {
    if (done === this.total || performance.now() - this.last < this.every) return
    this.last = performance.now()
    this.output.stderr(`${done} of ${this.total} tests${this.output.isTerminal ? '' : '\n'}`)
    this.shown = this.output.isTerminal
  }

  clear(): void {
    if (this.shown) this.output.stderr('\r\u001b[K')
    this.shown = false
  }
}
