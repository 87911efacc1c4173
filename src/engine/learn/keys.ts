import { ModelError } from '../errors.js'
import { Sequence } from '../model/sequence.js'
import { Handles } from './handles.js'

/** A handle that was not met before identities were sealed: its number would not be the same everywhere. */
export class LateIdentity extends Error {}

/**
 * Numbers for handles, in the order of first meeting: who learns the same in the same order gives the same numbers, in
 * another worker, or when a search is resumed.
 */
export class Identities {
  private readonly numbers = new WeakMap<object, number>()
  private readonly symbols = new Map<symbol, number>()
  private readonly handles = new Handles()
  private count = 0
  private sealed = false

  /** From now on only handles that have a number already may be met. */
  seal(): void {
    this.sealed = true
  }

  of(value: object | symbol): string {
    const numbers: { get(of: object | symbol): number | undefined; set(of: object | symbol, id: number): unknown } = typeof value === 'symbol' ? this.symbols : this.numbers
    let id = numbers.get(value)
    if (id === undefined) {
      if (this.sealed) throw new LateIdentity('a handle is met that a search with workers did not meet when it started')
      numbers.set(value, (id = this.count++))
      if (typeof value === 'object') this.handles.add(value)
    }
    return `#${id}`
  }

  /** Handles that model code passes are to stay as they are. */
  watch(values: readonly unknown[]): void {
    for (const value of values) if (typeof value === 'object' && value !== null && !isPlain(value)) this.handles.add(value)
  }

  /** Throws when a handle is not any more what it was when it was met first: model code has changed it. */
  unchanged(): void {
    this.handles.unchanged()
  }
}

/** Whether a value counts by its content. */
export const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

/** Plain objects and arrays met so far in a frame, each with its number: the same one met again is told from an equal one. */
export class Met extends Map<object, number> {
  /** Numbers of sequences. */
  readonly numbers = new Set<number>()

  copy(): Met {
    const copy = new Met(this)
    for (const number of this.numbers) copy.numbers.add(number)
    return copy
  }
}

/**
 * What makes two values of model code the same: numbers, strings and the like by value, plain objects and arrays by
 * content, everything else (handles such as folios, functions) by identity.
 */
export function keyOf(value: unknown, identities: Identities, met: Met, depth = 0): string {
  switch (typeof value) {
    case 'number':
      if (Sequence.isNumber(value)) met.numbers.add(value)
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'string':
      return JSON.stringify(value)
    case 'function':
    case 'symbol':
      return identities.of(value)
    case 'object': {
      if (value === null) return 'null'
      if (!isPlain(value)) return identities.of(value)
      const number = met.get(value)
      if (number !== undefined) return `@${number}`
      met.set(value, met.size)
      if (depth > 20) throw new ModelError('broke-a-rule', 'a value of model code is nested more than 20 deep', 'pass handles made at set-up instead')
      return content(value, (part) => keyOf(part, identities, met, depth + 1))
    }
    default:
      return String(value)
  }
}

/** The content of a plain object or array; where an array has no element there is nothing between two commas. */
function content(value: object, text: (part: unknown) => string): string {
  const parts = value as Record<string | symbol, unknown>
  const named = (keys: readonly (string | symbol)[]): string => keys.map((key) => `${typeof key === 'symbol' ? text(key) : JSON.stringify(key)}:${text(own(value, key))}`).join()
  if (!Array.isArray(value)) return `${Object.getPrototypeOf(value) === null ? 'null' : ''}{${named(Reflect.ownKeys(value))}}`
  const elements = Array.from({ length: value.length }, (_, i) => (i in parts ? text(own(value, `${i}`)) : '')).join()
  const keys = Reflect.ownKeys(value)
  // After the elements comes `length`, after that what else the array has.
  const more = keys.slice(keys.indexOf('length') + 1)
  return `[${value.length}:${elements}${more.length > 0 ? `;${named(more)}` : ''}]`
}

function own(value: object, key: string | symbol): unknown {
  const property = Object.getOwnPropertyDescriptor(value, key)
  if (!property || property.get || property.set) {
    throw new ModelError('broke-a-rule', `a value of model code has a getter or setter: ${String(key)}`, 'pass plain values, or handles made at set-up')
  }
  return property.value
}

/** What `freeze` has been through. */
const frozen = new WeakSet<object>()

/** Freezes what is passed between functions of model code: what a callee changed would be lost when it is re-run. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && isPlain(value) && !frozen.has(value)) {
    frozen.add(value)
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}

/** The two halves of a 64-bit hash of a text (two rounds of a 32-bit multiplicative hash with different seeds). */
export function hashOf(text: string): readonly [high: number, low: number] {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x85ebca6b)
    b = Math.imul(b ^ c, 0xc2b2ae35)
    a ^= a >>> 13
    b ^= b >>> 15
  }
  a = Math.imul(a ^ (b >>> 16), 0x27d4eb2f)
  b = Math.imul(b ^ (a >>> 13), 0x165667b1)
  return [a, b]
}

/** The same as one number. */
export function hash64(text: string): bigint {
  const [high, low] = hashOf(text)
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}
