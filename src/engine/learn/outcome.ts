import { pendingSite } from '../model/at.js'
import { Call } from '../model/fn.js'
import { Blocked, type Request, Step } from '../model/step.js'
import { isPlain } from './keys.js'

/** All that a turn of a generator shows. */
export type Outcome = typeof pendingSite & { readonly turn: IteratorResult<Request, unknown> }

/** The outcome of the turn that was taken last. */
export const outcome = (turn: IteratorResult<Request, unknown>): Outcome => ({ ...pendingSite, turn })

/** Plain objects of one turn, each with what stands in its place in another. */
export type Pairs = ReadonlyMap<object, object>

/** Of a turn that shows no plain object. */
export const NO_PAIRS: Pairs = new Map()

const isPlainObject = (value: unknown): boolean => typeof value === 'object' && value !== null && isPlain(value)

/**
 * Whether a turn at rest shows plain objects of which it matters which are one. What its function was passed is the same one in every
 * run of it; what it got back may be what it has made, and only equal to what it makes in another run.
 */
export function hasPlain({ turn, site, live, used }: Outcome, args: readonly unknown[]): boolean {
  if (turn.done) return false
  const operands = turn.value instanceof Step ? turn.value.operands ?? used : []
  const isOther = (value: unknown): boolean => isPlainObject(value) && !args.includes(value)
  return (site !== undefined && live.some(isOther)) || operands.some(isOther)
}

/** Where two turns show the same, as far as anybody can tell, which plain objects of the first are which of the second. */
export function samePlaces(a: Outcome, b: Outcome): Pairs | undefined {
  const [from, to] = [a.turn, b.turn]
  const pairs = new Map<object, object>()
  const same: Same = (one, other) => alike(one, other, pairs)
  const agree = from.done || to.done
    ? from.done === to.done && same(from.value, to.value)
    : a.site === b.site && (!a.site || same(a.live, b.live)) && sameRequest(from.value, a.used, to.value, b.used, same)
  return agree ? pairs : undefined
}

/** Whether two results of a step are the same. */
export const sameResult = (a: unknown, b: unknown): boolean => (a instanceof Blocked ? b instanceof Blocked : alike(a, b, new Map()))

type Same = (a: unknown, b: unknown) => boolean

function sameRequest(a: Request, usedByA: readonly unknown[], b: Request, usedByB: readonly unknown[], same: Same): boolean {
  if (a instanceof Call && b instanceof Call) return a.fn.body === b.fn.body && same(a.args, b.args)
  if (!(a instanceof Step) || !(b instanceof Step)) return a?.constructor === b?.constructor
  return a.kind === b.kind && a.options.label === b.options.label && same(a.operands ?? usedByA, b.operands ?? usedByB)
}

/**
 * Whether two values are the same: plain objects and arrays by content, and by which of those seen before they are while they
 * may still change; everything else by identity. (What a function was passed and returns is, in a run again, no longer what
 * its caller has now: frozen, it is only equal.)
 */
function alike(a: unknown, b: unknown, pairs: Map<object, object>): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || !isPlain(a) || !isPlain(b)) return Object.is(a, b)
  const known = pairs.get(a)
  if (known === b) return true
  if (known && !(Object.isFrozen(a) && Object.isFrozen(b))) return false
  pairs.set(a, b)
  if (a === b) return true
  const [keys, others] = [Reflect.ownKeys(a), Reflect.ownKeys(b)]
  return Object.getPrototypeOf(a) === Object.getPrototypeOf(b) && keys.length === others.length
    && keys.every((key, i) => others[i] === key && alike((a as Record<string | symbol, unknown>)[key], (b as Record<string | symbol, unknown>)[key], pairs))
}
