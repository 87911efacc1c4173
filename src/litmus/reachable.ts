import { UndecidedError } from './litmus-error.js'
import type { Execution } from './lkmm/search-executions.js'
import { enumerateTraces } from './lkmm/enumerate-traces.js'
import { findExecution } from './lkmm/find-execution.js'
import { checkMachine } from './operational/check-machine.js'
import type { MachineModel } from './operational/machine-program.js'
import type { LitmusTest } from './parse/ast.js'
import { and, compileCondition, not, type Test } from './program/evaluate.js'
import { makeProgram, type Program } from './program/program.js'

/** What a test is checked against: the axiomatic Linux-kernel model, or a machine run by the interleaving engine. */
export type Model = 'lkmm' | MachineModel
export const MODELS: readonly Model[] = ['lkmm', 'tso', 'sc']

/** The outcome that a test is about: its condition; for `forall` the opposite. Within the filter. */
export function outcomeOf(program: Program): Test {
  const { test } = program
  const condition = compileCondition(test.condition, program)
  const outcome = test.quantifier === 'forall' ? not(condition) : condition
  return test.filter ? and(compileCondition(test.filter, program), outcome) : outcome
}

/** An execution of the Linux-kernel model with the outcome of the test, if there is one. */
export function findOutcome(test: LitmusTest): { program: Program; execution: Execution } | undefined {
  const program = makeProgram(test)
  const { execution } = findExecution(program, enumerateTraces(program), outcomeOf(program))
  return execution && { program, execution }
}

/** What a series of searches may cost together: executions judged, by their events, or states. */
export interface Budget {
  left: number
}

export const newBudget = (): Budget => ({ left: 1_000_000 })

/** Whether the outcome of the test can happen; undefined if the budget ended first. */
export function isReachable(test: LitmusTest, model: Model, budget = newBudget()): boolean | undefined {
  if (budget.left <= 0) return undefined
  if (model === 'lkmm') return inExecutions(test, budget)
  const { observation, states } = checkMachine(test, model, budget.left)
  budget.left -= states
  if (observation === undefined) return undefined
  return test.quantifier === 'forall' ? observation !== 'Always' : observation !== 'Never'
}

function inExecutions(test: LitmusTest, budget: Budget): boolean | undefined {
  const program = makeProgram(test)
  try {
    const { execution, work } = findExecution(program, enumerateTraces(program), outcomeOf(program), budget.left)
    budget.left -= work
    return execution !== undefined
  } catch (error) {
    if (!(error instanceof UndecidedError)) throw error
    budget.left = 0
    return undefined
  }
}
