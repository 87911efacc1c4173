import { UndecidedError } from '../litmus-error.js'
import type { Test } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { type Execution, searchExecutions } from './search-executions.js'
import type { Trace } from './trace.js'

/** Work for a search for one execution (see SearchOptions.limit). */
export const GOAL_LIMIT = 2_000_000

/** An allowed execution for which `want` holds, if there is one, and the work done. Throws UndecidedError at the limit. */
export function findExecution(
  program: Program, traces: readonly (readonly Trace[])[], want: Test, limit = GOAL_LIMIT,
): { execution: Execution | undefined; work: number } {
  let found: Execution | undefined
  const { complete, work } = searchExecutions(program, traces, {
    want,
    limit,
    visit: (execution) => {
      found = { ...execution, traces: [...execution.traces], events: [...execution.events], orders: [...execution.orders] }
      return true
    },
  })
  if (!found && !complete) throw new UndecidedError('no answer within the limit: too many executions to look at')
  return { execution: found, work }
}
