import { laneLetter, wrap } from './commit-table.js'
import type { OrderEvent, Orders } from './orders.js'

/** What the orders tell of a violation, before they are named. */
export function ordersHead({ orders, exact }: Orders): string {
  if (orders.length === 0) return exact ? 'Happens in every run.' : 'There is no order of two steps that every such run has.'
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
