import { direct } from './direct.js'
import { Call, type FnInfo } from './fn.js'
import type { Steps } from './step.js'

/** Functions that run in place of others. */
export type Replacements = ReadonlyMap<FnInfo, FnInfo>

const NONE: Replacements = new Map()
let current = NONE

/** From now on model code that calls one of these runs its replacement. */
export const replaceFunctions = (wanted: Replacements): void => {
  if (wanted === current) return
  for (const fn of current.keys()) fn.now = undefined
  for (const [fn, replacement] of wanted) fn.now = replacement
  current = wanted
}

const known = new WeakMap<object, FnInfo>()

/** What the engine knows of a function of model code; undefined when it is none, or uses `this`. */
export const functionOf = (callable: (...args: never[]) => unknown): FnInfo | undefined => {
  const fn = known.get(callable) ?? asked(callable)
  if (fn) known.set(callable, fn)
  return fn
}

/** A call says of which function it is, and runs nothing yet. */
const asked = (callable: (...args: never[]) => unknown): FnInfo | undefined => {
  const { run } = direct
  const replaced = current
  direct.run = undefined
  replaceFunctions(NONE)
  try {
    const call = (callable as () => unknown)()
    return call instanceof Call && !call.fn.usesThis ? call.fn : undefined
  } finally {
    direct.run = run
    replaceFunctions(replaced)
  }
}

/** A call of exactly this function, whatever runs in its place. */
export const callAsIs = (fn: FnInfo, args: readonly unknown[]): Steps<unknown> => {
  if (!direct.run) return new Call(fn, args)
  return (fn.plain ? fn.plain(...args as never[]) : direct.run.answer(new Call(fn, args))) as Steps<unknown>
}
