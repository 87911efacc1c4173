import type { Progress } from '../engine/search/result.js'
import type { Checker, CheckerOptions } from './checker.js'
import { Groups } from './group.js'
import { Plan, type PlanOptions } from './plan.js'
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
  /** What was covered: file, function, place and class of value. */
  readonly covered: ReadonlySet<string>
  /** By state: in how many scenes each pair of operations was. */
  readonly pairs: ReadonlyMap<string, ReadonlySet<string>>
}

/** What becomes known in the course of a hunt. */
export class Book {
  readonly groups = new Groups()
  readonly failed: SceneResult[] = []
  readonly incomplete: SceneResult[] = []
  readonly covered = new Set<string>()
  readonly pairs = new Map<string, Set<string>>()

  add(result: SceneResult): void {
    this.groups.add(result)
    if (result.verdict === 'failed') this.failed.push(result)
    if (result.verdict === 'incomplete') this.incomplete.push(result)
    for (const one of result.covered) this.covered.add(one)
    const pairs = this.pairs.get(result.state) ?? new Set()
    this.pairs.set(result.state, pairs)
    const { operations } = result
    operations.forEach((a, i) => operations.slice(i + 1).forEach((b) => pairs.add([a, b].toSorted().join(' | '))))
  }
}

/** Composes scenes and checks them, until all are checked or the budget is used up. */
export function* hunt(options: HuntOptions, checker: Checker, clock: () => number): Generator<HuntProgress, HuntReport> {
  const plan = new Plan(options, options.known)
  const book = new Book()
  const over = (): boolean => clock() > options.budget || (options.bounds.signal?.aborted ?? false) || (options.first === true && book.groups.size > 0)
  for (const result of options.known ?? []) book.add(result)
  let done = options.known?.length ?? 0
  for (let jobs = plan.next(); jobs.length > 0 && !over(); jobs = plan.next()) {
    for (const job of jobs) {
      if (over()) break
      const steps = checker.check(job.scene, job.arch)
      let turn = steps.next()
      for (; !turn.done; turn = steps.next()) yield progress(turn.value, '')
      plan.done(job, turn.value)
      book.add(turn.value)
      options.tell?.(turn.value)
      done++
      yield progress({ depth: 0, states: turn.value.states, transitions: 0, bytes: 0 }, `${job.arch} ${turn.value.state}: ${turn.value.operations.join(' | ')}`)
    }
  }
  return { ...book, checked: plan.checked, total: plan.total, stopped: over() }

  function progress(search: Progress, latest: string): HuntProgress {
    return { ...search, level: plan.levelName, done, of: plan.total.reduce((a, b) => a + b, 0), groups: book.groups.size, spent: clock(), latest }
  }
}
