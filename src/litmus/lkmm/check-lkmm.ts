import type { LitmusTest } from '../parse/ast.js'
import { and, compileCondition, not, type Test } from '../program/evaluate.js'
import { makeProgram } from '../program/program.js'
import { enumerateTraces } from './enumerate-traces.js'
import { FinalStates, type StateKey } from './final-states.js'
import { findExecution } from './find-execution.js'
import { searchExecutions } from './search-executions.js'
import { testFlags } from './test-flags.js'
import { traceFlags } from './trace-flags.js'

/** herd7's summary word: whether the condition holds in some, all or no executions. */
export type Observation = 'Sometimes' | 'Always' | 'Never'

export interface LitmusResult {
  readonly test: LitmusTest
  readonly observation: Observation
  /** Whether the test's own claim (`exists`, `~exists`, `forall`) holds. */
  readonly ok: boolean
  /** Whether the test has an execution at all: without one, `Never` says nothing. */
  readonly vacuous: boolean
  /** Final states as herd7 writes them, sorted; those found so far if `counted` is false. */
  readonly states: readonly string[]
  /** Executions that satisfy the condition and that do not. */
  readonly positive: number
  readonly negative: number
  /** Whether all executions were counted. If not, the observation is exact all the same. */
  readonly counted: boolean
  /** Undefined if none was found but not all executions were counted. */
  readonly dataRace: boolean | undefined
  /** What herd7 flags, of the executions found: data races, misuse of locks and RCU. */
  readonly flags: readonly string[]
}

/** Work for counting executions (see SearchOptions.limit). Beyond it, the observation is searched for by itself. */
export const COUNT_LIMIT = 700_000

/** Checks a test against the Linux-kernel memory model. Throws LimitError or UndecidedError beyond the limits. */
export function checkLkmm(test: LitmusTest, limit = COUNT_LIMIT): LitmusResult {
  const program = makeProgram(test)
  const traces = enumerateTraces(program)
  const condition = compileCondition(test.condition, program)
  const filter: Test = test.filter ? compileCondition(test.filter, program) : () => true

  const finals = new FinalStates(program, traces)
  /** Whether the condition holds, by final state. */
  const states = new Map<StateKey, boolean>()
  let positive = 0
  let negative = 0
  let dataRace = false
  const flags = new Set<string>()
  const flagged = new Map(traces.flat().map((trace) => [trace, traceFlags(trace)] as const).filter(([, of]) => of.length > 0))
  const { complete: counted } = searchExecutions(program, traces, {
    want: filter,
    limit,
    all: true,
    visit: (execution) => {
      const state = finals.keyOf(execution)
      let holds = states.get(state)
      if (holds === undefined) states.set(state, (holds = condition(execution.final) === true))
      if (holds) positive++
      else negative++
      if (!dataRace && execution.isRacy()) dataRace = true
      for (const flag of execution.flags()) flags.add(flag)
      if (flagged.size > 0) for (const trace of execution.traces) for (const flag of flagged.get(trace) ?? []) flags.add(flag)
    },
  })
  if (dataRace) flags.add('data-race')
  if (states.size > 0) for (const flag of testFlags(program, traces)) flags.add(flag)
  const some = positive > 0 || (!counted && findExecution(program, traces, and(filter, condition)).execution !== undefined)
  const other = negative > 0 || (!counted && findExecution(program, traces, and(filter, not(condition))).execution !== undefined)
  const observation = !some ? 'Never' : other ? 'Sometimes' : 'Always'
  const ok = test.quantifier === 'exists' ? some : test.quantifier === 'forall' ? !other : !some
  return {
    test, observation, ok, vacuous: !some && !other, states: [...states.keys()].map((key) => finals.format(key)).toSorted(),
    positive, negative, counted,
    dataRace: dataRace || (counted ? false : undefined), flags: [...flags].toSorted(),
  }
}
