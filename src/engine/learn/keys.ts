import { ModelError } from '../errors.js'

/** A handle that was not met before identities were sealed: its number would not be the same everywhere. */
export class LateIdentity extends Error {}

/**
 * Numbers for handles, in the order of first meeting: who learns the same in the same order gives the same numbers, in
 * another worker, or when a search is resumed.
 */
export class Identities {
  private readonly numbers = new WeakMap<object, number>()
  private count = 0
  private sealed = false

  /** From now on only handles that have a number already may be met. */
  seal(): void {
    this.sealed = true
  }

  of(value: object): string {
    let id = this.numbers.get(value)
    if (id === undefined) {
      if (this.sealed) throw new LateIdentity('a handle is met that a search with workers did not meet when it started')
      this.numbers.set(value, (id = this.count++))
    }
    return `#${id}`
  }
}

/** Whether a value counts by its content. */
export const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

/**
 * What makes two values of model code the same: numbers, strings and the like by value, plain objects and arrays by
 * content, everything else (handles such as folios, functions) by identity.
 */
export function keyOf(value: unknown, identities: Identities, depth = 0): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '0' : String(value)
    case 'string':
      return JSON.stringify(value)
    case 'function':
      return identities.of(value)
    case 'object': {
      if (value === null) return 'null'
      if (!isPlain(value)) return identities.of(value)
      if (depth > 20) throw new ModelError('broke-a-rule', 'a value of model code is nested more than 20 deep', 'pass handles made at set-up instead')
      if (Array.isArray(value)) return `[${value.map((v) => keyOf(v, identities, depth + 1)).join()}]`
      return `{${Object.entries(value).map(([k, v]) => `${k}:${keyOf(v, identities, depth + 1)}`).join()}}`
    }
    default:
      return String(value)
  }
}

/** Freezes what is passed between functions of model code: what a callee changed would be lost when it is re-run. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && isPlain(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}

/** A 64-bit hash of a text (two rounds of a 32-bit multiplicative hash with different seeds). */
export function hash64(text: string): bigint {
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
  return (BigInt(a >>> 0) << 32n) | BigInt(b >>> 0)
}
