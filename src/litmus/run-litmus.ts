import { type Barrier, type BarrierNeed, barriersNeeded, barriersThatForbid } from './barriers/barrier-advice.js'
import { checkLkmm, type Observation } from './lkmm/check-lkmm.js'
import { checkMachine } from './operational/check-machine.js'
import { findRun } from './operational/find-run.js'
import type { LitmusTest } from './parse/ast.js'
import { findOutcome, type Model } from './reachable.js'
import { drawExecution } from './report/draw-execution.js'
import { executionGraph } from './report/execution-graph.js'
import { drawLanes } from './report/lanes.js'

/**
 * `HOLDS`: the outcome of the test (its condition; for `forall` the opposite) never happens. `VIOLATED`: it can.
 * `INCONCLUSIVE`: the search ended at its limit. `VACUOUS`: no execution comes to its end, so that nothing was looked at.
 */
export type Verdict = 'HOLDS' | 'VIOLATED' | 'INCONCLUSIVE' | 'VACUOUS'

export interface LitmusReport {
  readonly test: LitmusTest
  readonly model: Model
  readonly verdict: Verdict
  readonly observation: Observation | undefined
  readonly ok: boolean | undefined
  /** Final states and executions; only the Linux-kernel model counts them. */
  readonly counts: {
    readonly states: readonly string[]
    readonly positive: number
    readonly negative: number
    /** False if counting ended at its limit; the verdict stands all the same. */
    readonly complete: boolean
    readonly dataRace: boolean | undefined
    /** What herd7 flags, data races among it. */
    readonly flags: readonly string[]
  } | undefined
  /** States of the interleaving search, for machines. */
  readonly searched: number | undefined
  readonly explanation: Explanation | undefined
}

export interface Explanation {
  /** An execution or a run with the outcome, as a table; empty if none was found soon. */
  readonly drawing: readonly string[]
  /** Barriers that would forbid the outcome; each alone, or in pairs. */
  readonly forbid: readonly Barrier[]
  /** For an outcome that cannot happen: which barriers of the test that hangs on. */
  readonly needs: readonly BarrierNeed[]
}

/** Checks one test. `explain` draws an execution with the outcome and tries barriers. Throws LitmusError. */
export function runLitmus(test: LitmusTest, model: Model, explain: boolean): LitmusReport {
  const { vacuous, ...base } = model === 'lkmm' ? onLkmm(test) : onMachine(test, model)
  const { observation } = base
  if (vacuous || (observation && vacuous === undefined)) return { test, model, verdict: vacuous ? 'VACUOUS' : 'INCONCLUSIVE', ...base, explanation: undefined }
  const happens = observation && (test.quantifier === 'forall' ? observation !== 'Always' : observation !== 'Never')
  const verdict = happens === undefined ? 'INCONCLUSIVE' : happens ? 'VIOLATED' : 'HOLDS'
  return { test, model, verdict, ...base, explanation: explain && happens !== undefined ? explanationOf(test, model, happens) : undefined }
}

function onLkmm(test: LitmusTest) {
  const { observation, ok, vacuous, states, positive, negative, counted, dataRace, flags } = checkLkmm(test)
  const counts = { states, positive, negative, complete: counted, dataRace, flags }
  return { observation, ok, vacuous, counts, searched: undefined }
}

function onMachine(test: LitmusTest, model: 'sc' | 'tso') {
  const { observation, ok, vacuous, states } = checkMachine(test, model)
  return { observation, ok, vacuous, counts: undefined, searched: states }
}

function explanationOf(test: LitmusTest, model: Model, happens: boolean): Explanation {
  if (!happens) return { drawing: [], forbid: [], needs: barriersNeeded(test, model) }
  const drawing = model === 'lkmm' ? drawnExecution(test) : drawLanes(findRun(test, model) ?? [], test.threads.length)
  return { drawing, forbid: barriersThatForbid(test, model), needs: [] }
}

function drawnExecution(test: LitmusTest): string[] {
  const found = findOutcome(test)
  return found ? drawExecution(executionGraph(found.program, found.execution)) : []
}
