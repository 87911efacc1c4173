import type { Execution } from './lkmm/search-executions.js'
import { enumerateTraces } from './lkmm/enumerate-traces.js'
import { findExecution } from './lkmm/find-execution.js'
import { checkMachine, type MachineModel } from './operational/check-machine.js'
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
  const execution = findExecution(program, enumerateTraces(program), outcomeOf(program))
  return execution && { program, execution }
}

/** Whether the outcome of the test can happen; undefined if the search ended at its limit. */
export function isReachable(test: LitmusTest, model: Model): boolean | undefined {
  if (model === 'lkmm') return findOutcome(test) !== undefined
  const { observation } = checkMachine(test, model)
  if (observation === undefined) return undefined
  return test.quantifier === 'forall' ? observation !== 'Always' : observation !== 'Never'
}
