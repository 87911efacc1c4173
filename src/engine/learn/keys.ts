import { ModelError } from '../errors.js'

const identities = new WeakMap<object, number>()
let nextIdentity = 0

let sealed = false

/** A handle that was not met before identities were sealed: its number would not be the same everywhere. */
export class LateIdentity extends Error {}

/** From now on only handles that have a number already may be met. Numbers are given in the order of first meeting. */
export const sealIdentities = (): void => {
  sealed = true
}

const identity = (value: object): string => {
  let id = identities.get(value)
  if (id === undefined) {
    if (sealed) throw new LateIdentity('a handle is met that a search with workers did not meet when it started')
    identities.set(value, (id = nextIdentity++))
  }
  return `#${id}`
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
export function keyOf(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '0' : String(value)
    case 'string':
      return JSON.stringify(value)
    case 'function':
      return identity(value)
    case 'object': {
      if (value === null) return 'null'
      if (!isPlain(value)) return identity(value)
      if (depth > 20) throw new ModelError('broke-a-rule', 'a value of model code is nested more than 20 deep', 'pass handles made at set-up instead')
      if (Array.isArray(value)) return `[${value.map((v) => keyOf(v, depth + 1)).join()}]`
      return `{${Object.entries(value).map(([k, v]) => `${k}:${keyOf(v, depth + 1)}`).join()}}`
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
