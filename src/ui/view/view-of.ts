import type { Loaded } from '../../engine/learn/loaded.js'
import { replay } from '../../engine/search/replay.js'
import type { Progress, Schedule } from '../../engine/search/result.js'
import { DEFAULT_KERNEL } from '../../machine/kernels.js'
import { boot, type Conditions } from '../../race/boot.js'
import { grownSizes } from '../../race/growing.js'
import type { Outcome } from '../../race/check.js'
import type { Race } from '../../race/race.js'
import { lockReport } from '../../trace/lock-report.js'
import { report } from '../../trace/report.js'
import { type Orders, ordersOf } from '../../trace/orders.js'
import { modelHash } from '../../trace/trace-file.js'
import { type Trace, traceOf, traceOfRun } from '../../trace/trace.js'
import { conditionsLine, headline, runLine, searchLine, verdictWord } from '../../trace/verdict.js'
import { raceInfo } from './catalogue.js'
import { coverageOf } from './coverage.js'
import { namedSteps } from './named.js'
import { pointsOf } from './points.js'
import type { FunctionCoverage, Verdict, View, ViolatingRun } from './view.js'

/** Looks which orders the violation depends on, then gives the view. */
export function* viewWithOrders(outcome: Outcome): Generator<Progress, View> {
  const { race, conditions, loaded, shown } = outcome
  const trace = shown && traceOf(loaded, shown.found)
  return viewOfOutcome(outcome, trace && (yield* ordersOf(() => boot(race, conditions), trace)))
}

/** The view of what a search found: its run if there is one, else the state it started from. */
export function viewOfOutcome(outcome: Outcome, orders?: Orders): View {
  const { race, conditions, loaded, shown } = outcome
  // Before the view is made: that looks one step beyond the search.
  const coverage = coverageOf(loaded)
  const view = viewOfSchedule(race, conditions, loaded, shown?.found.schedule ?? [])
  const trace: Trace = shown
    ? { ...view.trace, violation: shown.found.violation, ...(shown.found.loop !== undefined && { loop: shown.found.loop }) }
    : view.trace
  return { ...view, trace, verdict: verdictOf(outcome, shown && trace, coverage, orders) }
}

/** The view of a schedule, which must fit. */
export function viewOfSchedule(race: Race, conditions: Conditions, loaded: Loaded, schedule: Schedule): View {
  const run = replay(loaded, schedule)
  const { memory } = loaded.program
  return {
    race: raceInfo(race),
    conditions: { kernel: DEFAULT_KERNEL, revert: [], apply: [], with: {}, ...conditions, sizes: grownSizes(race) },
    verdict: undefined,
    model: modelHash(loaded),
    trace: traceOfRun(loaded, run),
    ended: run.ended,
    points: pointsOf(loaded, schedule),
    cells: memory.names.map((name, cell) => ({
      name, value: memory.format(cell as never, memory.initial[cell]!), ghost: memory.options[cell]?.ghost ?? false,
    })),
    reached: run.steps.flatMap(({ leaf }, step) => leaf.reached.map((name) => ({ step, name }))),
  }
}

const verdictOf = (
  outcome: Outcome, trace: Trace | undefined, coverage: readonly FunctionCoverage[], orders: Orders | undefined,
): Verdict => ({
  word: verdictWord(outcome),
  headline: headline(outcome),
  conditions: conditionsLine(outcome),
  search: searchLine(outcome),
  run: trace && runLine(outcome, trace),
  report: report(outcome, trace, {}, orders),
  lockdep: outcome.lockCycles.length > 0 ? lockReport(outcome.lockCycles, 72).join('\n') : undefined,
  orders,
  violations: violationsOf(outcome),
  stats: outcome.result.stats,
  coverage,
})

function violationsOf({ loaded, result, shown }: Outcome): ViolatingRun[] {
  if (result.verdict !== 'violated') return []
  // The one that is shown is told in the shape in which it is shown.
  const found = result.found.map((f) => (f.violation.oracle === shown?.found.violation.oracle ? shown.found : f))
  return found.map((f) => ({ ...f.violation, schedule: namedSteps(traceOf(loaded, f)) }))
}
