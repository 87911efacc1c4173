import { check } from '../../engine/search/explore.js'
import type { Result } from '../../engine/search/result.js'
import { enumerateTraces } from '../lkmm/enumerate-traces.js'
import type { Observation } from '../lkmm/check-lkmm.js'
import type { Trace } from '../lkmm/trace.js'
import type { LitmusTest } from '../parse/ast.js'
import { and, compileCondition, not, type Test } from '../program/evaluate.js'
import { makeProgram, type Program } from '../program/program.js'
import { FOUND, type MachineModel, machineProgram } from './machine-program.js'

export interface MachineResult {
  /** Undefined if the search ended at its limit without an answer. */
  readonly observation: Observation | undefined
  readonly ok: boolean | undefined
  /** Whether a run comes to its end at all; undefined if the search ended at its limit. */
  readonly vacuous: boolean | undefined
  /** Distinct states of the search. */
  readonly states: number
}

/** States of one search at most. */
export const MACHINE_STATES = 20_000_000

/** Explores a test on a machine, for whether its condition holds in some, all or no runs. */
export function checkMachine(test: LitmusTest, model: MachineModel, states = MACHINE_STATES): MachineResult {
  const program = makeProgram(test)
  const traces = enumerateTraces(program)
  const condition = compileCondition(test.condition, program)
  const filter: Test = test.filter ? compileCondition(test.filter, program) : () => true
  const yes = reaches(program, traces, model, and(filter, condition), states)
  if (!yes.reached) {
    const observation = yes.reached === false ? 'Never' : undefined
    const ends = observation && reaches(program, traces, model, filter, states).reached
    return { observation, ok: observation && test.quantifier === '~exists', vacuous: ends === undefined ? undefined : !ends, states: yes.states }
  }
  const no = reaches(program, traces, model, and(filter, not(condition)), states)
  const observation = no.reached === undefined ? undefined : no.reached ? 'Sometimes' : 'Always'
  const ok = test.quantifier === 'exists' || (test.quantifier === 'forall' && observation && observation === 'Always')
  return { observation, ok, vacuous: false, states: yes.states + no.states }
}

/** Whether a run ends with `want`; undefined if the limit came first. */
function reaches(
  program: Program, traces: readonly (readonly Trace[])[], model: MachineModel, want: Test, states: number,
): { reached: boolean | undefined; states: number } {
  const enough = new AbortController()
  const runs = machineProgram(program, traces, model, want, () => enough.abort())
  if (!runs) return { reached: false, states: 0 }
  const result = check(runs, { states, all: true, signal: enough.signal })
  return { reached: reached(result, states), states: result.stats.states }
}

/** Runs that wait for ever are no answer: neither a deadlock of the test nor a read of a value left out. */
function reached(result: Result, limit: number): boolean | undefined {
  if (result.verdict === 'holds') return false
  if (result.verdict !== 'violated') return undefined
  if (result.found.some(({ violation }) => violation.oracle === FOUND)) return true
  return result.stats.states < limit ? false : undefined
}
