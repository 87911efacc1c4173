import { pendingSite } from '../model/at.js'
import { Call } from '../model/fn.js'
import { type Request, Step } from '../model/step.js'
import { isPlain } from './keys.js'

/** All that a turn of a generator shows. */
export type Outcome = typeof pendingSite & { readonly turn: IteratorResult<Request, unknown> }

/** The outcome of the turn that was taken last. */
export const outcome = (turn: IteratorResult<Request, unknown>): Outcome => ({ ...pendingSite, turn })

/** Whether two turns show the same, as far as anybody can tell. */
export function sameOutcome(a: Outcome, b: Outcome): boolean {
  const [from, to] = [a.turn, b.turn]
  if (from.done || to.done) return from.done === to.done && same(from.value, to.value)
  return a.site === b.site && (!a.site || same(a.live, b.live)) && sameRequest(from.value, a.used, to.value, b.used)
}

function sameRequest(a: Request, usedByA: readonly unknown[], b: Request, usedByB: readonly unknown[]): boolean {
  if (a instanceof Call && b instanceof Call) return a.fn.body === b.fn.body && same(a.args, b.args)
  if (!(a instanceof Step) || !(b instanceof Step)) return a.constructor === b.constructor
  return a.kind === b.kind && a.options.label === b.options.label && same(a.operands ?? usedByA, b.operands ?? usedByB)
}

/** Whether two values are the same: plain objects and arrays by content, everything else by identity. */
function same(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || !isPlain(a) || !isPlain(b)) return false
  const [entries, others] = [Object.entries(a), Object.entries(b)]
  return entries.length === others.length && entries.every(([key, value], i) => others[i]![0] === key && same(value, others[i]![1]))
}
