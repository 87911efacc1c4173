import type { OrderEvent, Orders } from '../../trace/orders.js'
import type { Trace } from '../../trace/trace.js'

/** An order between two steps of a run, by their indexes. */
export interface StepPair {
  readonly first: number
  readonly second: number
}

/** The steps of this run that the orders speak of; orders whose steps it does not have are left out. */
export const neededSteps = (trace: Trace, { orders }: Orders): StepPair[] =>
  orders.map((order) => ({ first: stepOf(trace, order.first), second: stepOf(trace, order.second) }))
    .filter(({ first, second }) => first >= 0 && second >= 0)

function stepOf({ steps }: Trace, { lane, label, occurrence }: OrderEvent): number {
  let seen = 0
  return steps.findIndex((step) => step.lane === lane && step.label === label && ++seen === occurrence)
}
