import type { Checkpoint, Plan } from '../engine/checkpoint/checkpoint.js'
import type { CheckpointOptions } from '../engine/checkpoint/saver.js'
import { InternalError, UserError } from '../engine/errors.js'
import { components } from '../engine/learn/cycles.js'
import type { Knowledge } from '../engine/learn/footprints.js'
import type { LockBook } from '../engine/locks/lock-book.js'
import type { Program } from '../engine/program.js'
import { checkedBounds, Deadline } from '../engine/search/bounds.js'
import { checkOptions } from '../engine/search/options.js'
import { omission } from '../engine/search/omission.js'
import { explore, type ExploreOptions } from '../engine/search/explore.js'
import { withLockOrder } from '../engine/search/lock-order.js'
import { reductionsFor } from '../engine/search/reductions.js'
import type { Bound, Found, Progress, Result, Stats } from '../engine/search/result.js'
import { Crew, type News } from './crew.js'
import type { Job, ProgramSource, Report } from './messages.js'
import { FEW_STATES, firstLook } from './prelude.js'
import { checkpointOf, type Resumed, resumed } from './saved.js'

export interface ParallelOptions extends ExploreOptions {
  /** How many; at least 2. */
  readonly workers: number
}

/** Why a search went on, or was done again, with one worker. */
export class Alone extends Error {}

const CYCLIC = 'a thread can come back to where it was'
const TICK = 50

/**
 * `explore` with several workers, for the exhaustive search. Which violation is found first may differ from run to run.
 * With sleep sets so do the numbers of states and transitions; the verdict does not. A program whose threads can come
 * back to where they were is searched by one worker, as is one of few states. When a worker fails, or the workers do
 * not agree on the program's handles, one worker searches it from the start; `onAlone` is told.
 */
export async function* exploreInParallel(
  program: Program, source: ProgramSource, options: ParallelOptions, onAlone: (why: Alone) => void = () => {},
): AsyncGenerator<Progress, Result> {
  const { workers, ...rest } = options
  if (!Number.isInteger(workers) || workers < 2) throw new UserError('bad-workers', `${workers} workers`, 'give 2 or more')
  if ((options.strategy ?? 'exhaustive') !== 'exhaustive') {
    throw new UserError('option-not-for-strategy', `workers mean nothing to strategy ${options.strategy}`, 'use exhaustive')
  }
  if (options.exact) throw new UserError('option-not-for-workers', 'exact states are for one worker', 'leave out one of the two')
  checkOptions(rest)
  const first = firstLook(program, options.reduce)
  const violated = first.result.verdict === 'violated' && !options.all
  if (violated || first.result.stats.states < FEW_STATES) return yield* explore(program, rest)
  if (first.loaded.footprints.cyclic) {
    onAlone(new Alone(CYCLIC))
    return yield* explore(program, rest)
  }
  const bounds = checkedBounds(options)
  const reductions = reductionsFor(first.loaded, options.reduce)
  const plan: Plan = { ...reductions, exact: false, all: options.all ?? false, depth: bounds.depth === Infinity ? 0 : bounds.depth }
  const { resume } = options
  if (resume && (!resume.header.pass || resume.header.stickyCounts)) return yield* explore(program, rest)
  const from = resume && resumed(program, plan, resume)
  const crew = new Crew(source, { workers, reductions, depth: bounds.depth, bytes: bounds.bytes })
  try {
    const deadline = new Deadline(bounds.seconds, options.signal)
    return yield* new Search(program, from?.loaded.locks ?? first.loaded.locks, crew, bounds, plan, deadline, options.checkpoint, from).run()
  } catch (error) {
    if (!(error instanceof Alone)) throw error
    onAlone(error)
  } finally {
    await crew.end()
  }
  const { resume: _, ...anew } = rest
  return yield* explore(program, anew)
}

class Search {
  private found = new Map<string, Found>()
  /** What was done before this search went on from a checkpoint. */
  private before: Pick<Checkpoint, 'header'>['header'] | undefined
  private visitedAt = 0
  private saved = performance.now()
  private stopped: Bound | undefined
  private rows: Knowledge['rows'] = new Map()

  constructor(
    private readonly program: Program,
    /** What has been seen of the order of locks. */
    private readonly locks: LockBook,
    private readonly crew: Crew,
    private readonly bounds: ReturnType<typeof checkedBounds>,
    private readonly plan: Plan,
    private readonly deadline: Deadline,
    private readonly checkpoint: CheckpointOptions | undefined,
    private from: Resumed | undefined,
  ) {
    this.rows = from?.rows ?? new Map()
  }

  async* run(): AsyncGenerator<Progress, Result> {
    await this.collect('loaded')
    for (;;) {
      const stale = yield* this.pass()
      const reports = await this.reports(false)
      const result = this.result(reports, stale)
      if (!result) continue
      for (const { orders } of reports) this.locks.join(orders)
      return withLockOrder(this.program, result, this.locks.dependencies)
    }
  }

  /** What the passes come to; undefined when there has to be another. */
  private result(reports: readonly Report[], stale: boolean): Result | undefined {
    const stats = statsOf(reports, this.crew.size, this.before?.stats)
    const complete = !this.stopped && (this.found.size === 0 || this.plan.all)
    if (complete && (!this.agree(reports) || stale)) return undefined
    const found = [...this.found.values()]
    if (found.length > 0) return { verdict: 'violated', found: found as [Found, ...Found[]], stats }
    if (!this.stopped && this.isTruncated(reports)) this.stopped = { bound: 'depth', limit: this.bounds.depth }
    if (this.stopped) return { verdict: 'not-found', how: 'bounded', stopped: this.stopped, stats }
    return { verdict: 'holds', stats }
  }

  /** One search, from the start or a checkpoint. Returns whether it has to be repeated. */
  private async* pass(): AsyncGenerator<Progress, boolean> {
    const { crew, from } = this
    this.from = undefined
    this.before = from?.header
    this.found = new Map(from?.header?.found.map((found) => [found.violation.oracle, found]))
    crew.control.reset()
    await this.begin(from?.fill(crew.memory))
    // Those that busy workers gave for the idle, and those that wait.
    const given: Job[] = []
    const waiting: Job[] = [...(from?.jobs ?? [{ before: [] }])]
    const idle = [...Array(crew.size).keys()]
    crew.control.go(crew.size)
    let stale = false
    for (;;) {
      while (!crew.control.stopped && idle.length > 0 && given.length + waiting.length > 0) {
        if (given.length === 0) crew.control.feed()
        crew.tell(idle.shift()!, { type: 'job', job: given.shift() ?? waiting.shift()! })
      }
      if (idle.length === crew.size) {
        waiting.push(...given.splice(0))
        if (!crew.control.stopped || stale || (this.found.size > 0 && !this.plan.all)) return stale
        await this.save(waiting)
        if (this.stopped) return stale
        crew.control.go(crew.size)
        continue
      }
      const news = await crew.next(TICK)
      if (news?.type === 'idle') {
        idle.push(news.worker)
        crew.control.hunger()
      } else if (news?.type === 'job') given.push(news.job)
      else if (news?.type === 'left') waiting.push(...news.jobs)
      else if (news?.type === 'stale') {
        stale = true
        crew.control.stop()
      } else if (news) this.hear(news)
      const { transitions, depth, ...told } = crew.control.told
      const states = told.states + (this.before?.stats.states ?? 0)
      if (states >= this.bounds.states) this.stop({ bound: 'states', limit: this.bounds.states })
      const late = this.deadline.passed()
      if (late) this.stop(late)
      if (this.checkpoint && performance.now() - this.saved >= this.checkpoint.seconds * 1000) crew.control.stop()
      if (!news) yield { states, transitions: transitions + (this.before?.stats.transitions ?? 0), depth, bytes: crew.memory.buffer.byteLength }
    }
  }

  /** Tells all workers of a new pass, over the visited states that are there or none. */
  private async begin(filledAt: number | undefined): Promise<void> {
    const { crew, rows } = this
    const states = this.bounds.states - (this.before?.stats.states ?? 0)
    const pass = { type: 'pass', rows, states, resumed: this.before !== undefined } as const
    crew.tell(0, { ...pass, ...(filledAt !== undefined && { join: filledAt }) })
    const [{ visitedAt }] = (await this.collect('ready', 1)) as [{ visitedAt: number }]
    this.visitedAt = visitedAt
    for (let worker = 1; worker < crew.size; worker++) crew.tell(worker, { ...pass, join: visitedAt })
    await this.collect('ready', crew.size - 1)
  }

  /** Hands over a checkpoint, if anybody wants one, while all workers rest. */
  private async save(jobs: readonly Job[]): Promise<void> {
    const { checkpoint, program, plan, crew: { memory, size }, visitedAt } = this
    if (!checkpoint) return
    const reports = await this.reports(true)
    const [stale, stats] = [!this.agree(reports), statsOf(reports, size, this.before?.stats)]
    checkpoint.save(checkpointOf(program, plan, { jobs, reports, stale, found: [...this.found.values()], stats, truncated: this.isTruncated(reports), memory, visitedAt }))
    this.saved = performance.now()
  }

  private isTruncated(reports: readonly Report[]): boolean {
    return (this.before?.pass?.truncated ?? false) || reports.some(({ truncated }) => truncated)
  }

  private hear(news: News): void {
    if (news.type === 'bytes') return this.stop({ bound: 'bytes', limit: this.bounds.bytes })
    if (news.type !== 'found') throw refused(news)
    const { oracle } = news.found.violation
    if (!this.found.has(oracle)) this.found.set(oracle, news.found)
    if (!this.plan.all) this.crew.control.stop()
  }

  private stop(bound: Bound): void {
    this.stopped ??= bound
    this.crew.control.stop()
  }

  /** Waits until all workers have said something. */
  private async collect(type: 'loaded' | 'ready' | 'report', count = this.crew.size): Promise<object[]> {
    const answers: object[] = []
    while (answers.length < count) {
      const news = await this.crew.next(1000)
      if (news?.type === type) answers.push(news)
      else if (news) throw refused(news)
    }
    return answers
  }

  private async reports(tell: boolean): Promise<readonly Report[]> {
    this.crew.tellAll({ type: 'report', tell })
    return ((await this.collect('report')) as { report: Report }[]).map(({ report }) => report)
  }

  /** Whether every worker knew all that any of them learned. Puts together what they know, for another pass. */
  private agree(reports: readonly Report[]): boolean {
    const keys = [...new Set(reports.flatMap(({ knowledge }) => [...knowledge.rows.keys()]))]
    const numbers = new Map(keys.map((key, i) => [key, i]))
    const successors = keys.map((key) =>
      new Set(reports.flatMap(({ knowledge }) => knowledge.successors.get(key) ?? []).map((next) => numbers.get(next)!)))
    const component = components(successors)
    const cyclic = new Set(component).size < keys.length || successors.some((next, i) => next.has(i))
    if (cyclic) throw new Alone(CYCLIC)
    if (!this.plan.persistent) return true
    const rows = keys.map((key) => union(reports.map(({ knowledge }) => knowledge.rows.get(key))))
    // Components are numbered from the ends of runs on: what follows a local state is complete before it.
    for (const i of [...keys.keys()].toSorted((a, b) => component[a]! - component[b]!)) {
      rows[i] = union([rows[i], ...[...successors[i]!].map((next) => rows[next])])
    }
    this.rows = new Map(keys.map((key, i) => [key, rows[i]!]))
    return reports.every(({ knowledge }) =>
      [...knowledge.rows].every(([key, row]) => this.rows.get(key)!.every((bits, i) => bits === row[i])))
  }
}

const refused = (news: News): Error => {
  if (news.type === 'late-identity') return new Alone('a handle was met late')
  if (news.type === 'failed') return new Alone(`a worker failed: ${news.error.message}`, { cause: news.error })
  return new InternalError(`worker ${news.worker} said "${news.type}" out of turn`)
}

const union = (rows: readonly (Uint32Array | undefined)[]): Uint32Array => {
  const all = rows.filter((row) => row !== undefined)
  return all[0]!.map((_, i) => all.reduce((bits, row) => bits | row[i]!, 0))
}

const statsOf = (reports: readonly Report[], workers: number, before?: Stats): Stats => {
  const sum = (of: (report: Stats) => number): number => [...reports, ...(before ? [before] : [])].reduce((total, report) => total + of(report), 0)
  const most = (of: (report: Stats) => number): number => Math.max(...[...reports, ...(before ? [before] : [])].map(of))
  const all = (of: (report: Stats) => readonly string[] | undefined): string[] => [...new Set([...reports, ...(before ? [before] : [])].flatMap((report) => of(report) ?? []))]
  const [states, transitions] = [sum((r) => r.states), sum((r) => r.transitions)]
  return {
    states, transitions, ends: sum((r) => r.ends), depth: most((r) => r.depth), localStates: most((r) => r.localStates),
    bytes: Math.max(...reports.map((r) => r.bytes)), workers, omission: omission(states, transitions),
    reached: all((r) => r.reached), ...(reports.some(({ cameBy }) => cameBy) && { cameBy: all((r) => r.cameBy) }),
  }
}
