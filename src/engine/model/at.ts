import { UserError } from '../errors.js'
import { shown } from '../shown.js'
import { direct } from './direct.js'
import { Call, type FnInfo, instrumented, knownFunctions } from './fn.js'
import { refuse } from './made.js'
import { Note, Step, type Steps } from './step.js'

/** A `yield*` in model code. There is one frozen Site per place in the source. */
export interface Site {
  /** As given to the transform: relative to the package for mmrace's own files, absolute for a user's. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** The function returns what this yield returns: its frame is not needed any more. */
  readonly tail: boolean
}

/** The Sites of a file, which instrumented code asks for by their place. Each is made when it is first asked for. */
export const sitesOf = (file: string) => {
  const known = new Map<number, Site>()
  return (line: number, column: number, tail = false): Site => {
    const place = line * 65536 + column
    const site = known.get(place) ?? Object.freeze({ file, line, column, tail })
    known.set(place, site)
    return site
  }
}

/** For instrumented code: set while its plain forms run. */
export { direct } from './direct.js'
export { armsOf } from './arms.js'

const NONE: readonly unknown[] = []

/**
 * What the last `at` said. Cleared by whoever is about to resume a generator, read right after it has yielded: no
 * site then means that the code was not instrumented, and that only its history tells its state.
 */
export const pendingSite: { site: Site | undefined; live: readonly unknown[]; used: readonly unknown[] } =
  { site: undefined, live: NONE, used: NONE }

/**
 * Every `yield* x` of instrumented code runs as `yield* at(x, site, live, used)`. `live` are the values that the frame
 * needs after the yield; `used` those that x was made from, kept only where x does not tell them itself.
 * Site, live, used and the pending request determine all that the frame can do from here on.
 */
export const at = <S extends Steps<unknown>>(
  pending: S, site: Site, live: readonly unknown[], used: readonly unknown[],
): S => {
  const given: unknown = pending
  if (typeof given !== 'object' || given === null) throw new TypeError(`yield* on ${shown(given)}: it is no step`)
  if (Array.isArray(pending) || pending instanceof Map || pending instanceof Set) throw new TypeError('yield* on a list: it holds no steps')
  // A generator that is not a request runs within this frame: what it will do is in none of the values known here.
  pendingSite.site = 'request' in pending ? site : undefined
  pendingSite.live = live
  pendingSite.used = tellsItsValues(pending) ? NONE : used
  return pending
}

const tellsItsValues = (pending: Steps<unknown>): boolean =>
  pending instanceof Call || (pending instanceof Step && pending.operands !== undefined)

type Body = (...args: never[]) => Steps<unknown>

/** What the transform knows of a function: [name, file, line, whether it uses `this`]. */
export type FnMeta = readonly [name: string, file: string, line: number, self: boolean]

type Plain = (...args: never[]) => unknown

/** The FnInfo of an instrumented generator function. One that uses `this` gets it as the first argument. */
export const info = (generator: Body, plain: Plain | undefined, [name, file, line, self]: FnMeta): FnInfo => {
  const taking = <R>(body: (...args: never[]) => R): ((...args: never[]) => R) =>
    (self ? (that: unknown, ...args: never[]) => body.apply(that, args) : body)
  const known: FnInfo = { name, file, line, body: taking(generator), ...(plain && { plain: taking(plain) }), ...(self && { usesThis: true }) }
  knownFunctions.set(`${file}:${line} ${name}`, known)
  return known
}

/** A call of an instrumented function declaration, or of what is to run in its place. */
export const call = (fn: FnInfo, args: ArrayLike<unknown>): Steps<unknown> => new Call(fn.now ?? fn, Array.from(args))

/** An instrumented generator function expression. */
export const callable = (generator: Body, plain: Plain | undefined, meta: FnMeta): ((...args: unknown[]) => unknown) => {
  const fn = info(generator, plain, meta)
  const result = function (this: unknown, ...args: unknown[]): unknown {
    if (direct.run && plain) return (fn.now?.plain ?? plain).apply(this, args as never[])
    return new Call(fn.now ?? fn, meta[3] ? [this, ...args] : args)
  }
  instrumented.add(result)
  Object.defineProperty(result, 'length', { value: generator.length, configurable: true })
  return Object.defineProperty(result, 'name', { value: meta[0], configurable: true })
}

/** Instruments the generator methods of a class in place. By the name of each: that of its plain form, and what it is. */
export const methods = (target: object, metas: Readonly<Record<string, readonly [plain: string, meta: FnMeta]>>): void => {
  for (const [key, [plain, meta]] of Object.entries(metas)) {
    const property = Object.getOwnPropertyDescriptor(target, key)!
    const alone = Object.getOwnPropertyDescriptor(target, plain)?.value as Plain | undefined
    Object.defineProperty(target, key, { ...property, value: callable(property.value as Body, alone, meta) })
  }
}

/** What every generator is an instance of; JavaScript has no name for it. */
const Generator = Object.assign(function () {}, { prototype: Object.getPrototypeOf(function* () {}).prototype as object })

/** For the plain form of a function: the result of what may be a step or a call made before, or a generator that was not instrumented. */
export const settled = (result: unknown): unknown =>
  (result instanceof Step || result instanceof Call || result instanceof Generator ? direct.run!.answer(result as Steps<unknown>) : result)

/** What a `for … of` with steps in its body runs over, by index. */
export const list = <T>(items: Iterable<T>): readonly T[] => (Array.isArray(items) ? items : [...items])

/** What a `for … in` with steps in its body runs over, by index. */
export const keys = (object: object | null | undefined): readonly string[] => {
  const names: string[] = []
  // oxlint-disable-next-line guard-for-in -- inherited ones too, as in the loop it stands for
  for (const name in object) names.push(name)
  return names
}

/** What tells a value that an expression has computed: a function is told by what it was made from. */
export const told = (value: unknown): unknown => (holdsFunction(value, 0) ? undefined : value)

const holdsFunction = (value: unknown, depth: number): boolean => {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null || depth > 5) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === Array.prototype) && Object.values(value).some((part) => holdsFunction(part, depth + 1))
}

/** The value of a call in a user's file that is thrown away, tested or taken apart, and so had better be no step. */
export const taken = <T>(value: T, call: string): T => {
  if (value instanceof Step || value instanceof Call || value instanceof Note || value instanceof Generator) {
    refuse(new UserError('not-taken', `${call} is made, and not taken`, 'write yield* before it'))
  }
  return value
}
