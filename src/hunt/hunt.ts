import type { Progress } from '../engine/search/result.js'
import { forgetArms, knownArms } from '../engine/model/arms.js'
import type { Checker, CheckerOptions } from './checker.js'
import { type Coverage, coverageOf, pairOf } from './coverage.js'
import { Groups } from './group.js'
import { type Job, Plan, type PlanOptions, statesOf } from './plan.js'
import type { SceneResult } from './scene-result.js'

export interface HuntOptions extends PlanOptions, CheckerOptions {
  /** Seconds, as `clock` has them. */
  readonly budget: number
  /** Stop at the first violation. */
  readonly first?: boolean
  /** What came of scenes in an earlier hunt, with which this one goes on. */
  readonly known?: readonly SceneResult[]
  /** Hears of every scene that was checked. */
  readonly tell?: (result: SceneResult) => void
}

/** How far a hunt is. */
export interface HuntProgress extends Progress {
  readonly level: string
  readonly done: number
  readonly of: number
  readonly groups: number
  /** Seconds of the budget that are used up. */
  readonly spent: number
  readonly latest: string
}

export interface HuntReport {
  readonly groups: Groups
  /** In which model code threw, and which were too large. */
  readonly failed: readonly SceneResult[]
  readonly incomplete: readonly SceneResult[]
  /** By level: how many scenes were checked, and there are. Levels that were not come to are not there. */
  readonly checked: readonly number[]
  readonly total: readonly number[]
  /** The budget was used up, or somebody stopped it. */
  readonly stopped: boolean
  readonly coverage: Coverage
  /** Ids of changes of the user's that some scene has run. */
  readonly executed: ReadonlySet<string>
}

/** What becomes known in the course of a hunt. */
class Book {
  readonly groups = new Groups()
  readonly failed: SceneResult[] = []
  readonly incomplete: SceneResult[] = []
  readonly executed = new Set<string>()
  /** By state: pairs of operations that were in some scene. */
  readonly pairs = new Map<string, Set<string>>()

  add(result: SceneResult): void {
    this.groups.add(result)
    if (result.verdict === 'failed') this.failed.push(result)
    if (result.verdict === 'incomplete') this.incomplete.push(result)
    for (const id of result.executed) this.executed.add(id)
    const pairs = this.pairs.get(result.state) ?? new Set()
    this.pairs.set(result.state, pairs)
    const { operations } = result
    operations.forEach((a, i) => operations.slice(i + 1).forEach((b) => pairs.add(pairOf(a, b))))
  }
}

/** A hunt under way: hands out scenes, and notes what came of them. */
export class Hunt {
  private readonly plan: Plan
  private readonly book = new Book()
  private finished: number

  /** `clock`: seconds that were spent. */
  constructor(private readonly options: HuntOptions, private readonly clock: () => number) {
    forgetArms()
    this.plan = new Plan(options, options.known)
    for (const result of options.known ?? []) this.book.add(result)
    this.finished = options.known?.length ?? 0
  }

  get over(): boolean {
    const { budget, bounds: { signal }, first } = this.options
    return this.clock() > budget || (signal?.aborted ?? false) || (first === true && this.book.groups.size > 0)
  }

  /** The next scenes, all of which share what is learned; none when there are none. `busy`: what others are learning, by `Job.key`. */
  next(busy?: ReadonlySet<string>): readonly Job[] {
    return this.over ? [] : this.plan.next(busy)
  }

  add(job: Job, result: SceneResult): HuntProgress {
    this.plan.done(job, result)
    this.book.add(result)
    this.options.tell?.(result)
    this.finished++
    return this.progress({ depth: 0, states: result.states, transitions: 0, bytes: 0 }, `${job.arch} ${result.state}: ${result.operations.join(' | ')}`)
  }

  progress(search: Progress, latest = ''): HuntProgress {
    const { plan: { levelName, total }, finished: done, book: { groups }, clock } = this
    return { ...search, level: levelName, done, of: total.reduce((a, b) => a + b, 0), groups: groups.size, spent: clock(), latest }
  }

  get report(): HuntReport {
    const { book: { groups, failed, incomplete, executed, pairs }, plan: { checked, total } } = this
    const coverage = coverageOf(statesOf(this.options), this.options.operations, pairs, knownArms())
    return { groups, failed, incomplete, executed, coverage, checked, total, stopped: this.over }
  }
}

/** Composes scenes and checks them, until all are checked or the budget is used up. */
export function* hunt(options: HuntOptions, checker: Checker, clock: () => number): Generator<HuntProgress, HuntReport> {
  const under = new Hunt(options, clock)
  for (let jobs = under.next(); jobs.length > 0; jobs = under.next()) {
    for (const job of jobs) {
      if (under.over) break
      const steps = checker.check(job.scene, job.arch)
      let turn = steps.next()
      for (; !turn.done; turn = steps.next()) yield under.progress(turn.value)
      yield under.add(job, turn.value)
    }
  }
  return under.report
}
