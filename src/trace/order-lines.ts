import { laneLetter, wrap } from './commit-table.js'
import type { OrderEvent, Orders } from './orders.js'

/** What the orders tell of a violation, before they are named. */
export function ordersHead({ orders, exact, looked, of }: Orders): string {
  const none = orders.length === 0
  if (looked < of) return `Not finished (--orders-seconds N looks longer): of ${of} orders ${looked} were looked at, and every such run has ${none ? 'none of these.' : 'these:'}`
  if (none) return exact ? 'Happens in every run.' : `No order of two steps is in every such run, of the ${of} that this one has.`
  if (exact === undefined) return 'Happens only when (not finished: whether more is needed; --orders-seconds N looks longer):'
  return exact ? 'Happens exactly when:' : 'Happens only when (more is needed, which no single order says):'
}

/** The orders a violation depends on, as a table. */
export function orderLines(found: Orders, width: number): string[] {
  const { orders } = found
  const rows = orders.map(({ first, second }) => [textOf(first), textOf(second)] as const)
  const left = Math.max(0, ...rows.map(([text]) => text.length))
  return [...wrap(ordersHead(found), width - 2).map((line) => `  ${line}`), ...rows.flatMap(([first, second]) => {
    const line = `    ${first.padEnd(left)}  before  ${second}`
    return line.length <= width ? [line] : [`    ${first}`, `        before  ${second}`]
  })]
}

const textOf = ({ lane, label, occurrence }: OrderEvent): string =>
  `${laneLetter(lane)}  ${label}${occurrence > 1 ? ` (${ordinal(occurrence)})` : ''}`

const ordinal = (n: number): string => `${n}${n === 2 ? 'nd' : n === 3 ? 'rd' : 'th'}`
