import { isSteps } from '../engine/model/is-steps.js'
import { isWord } from '../engine/model/memory.js'
import { shown } from '../engine/shown.js'

/** What a value may be: what a TypeScript type says that can be seen when a program runs. */
export type Kind =
  | 'any' | 'number' | 'cell' | 'string' | 'boolean' | 'undefined' | 'null' | 'object' | 'function' | 'steps'
  | { readonly class: string }
  /** A name among the shapes. */
  | { readonly shape: string }
  | { readonly list: Kind }
  | { readonly tuple: readonly Kind[] }
  | { readonly value: string | number | boolean }
  | { readonly either: readonly Kind[] }

/** The fields of objects, by the name of their type. */
export type Shapes = Readonly<Record<string, Readonly<Record<string, Kind>>>>

/** How a value differs from its kind. */
interface Misfit {
  /** Within the value: `.pages`, `[2]`. */
  readonly path: string
  readonly wanted: string
  readonly given: string
  /** A field that objects of its type do not have, and those that they have. */
  readonly unknown?: string
  readonly known?: readonly string[]
}

const WORDS = {
  any: 'anything', number: 'a whole number', cell: 'a cell', string: 'a text', boolean: 'true or false', undefined: 'nothing', null: 'null',
  object: 'an object', function: 'a function', steps: 'a step or a call',
} as const

const article = (name: string): string => `${/^([AEIO]|Mm)/.test(name) ? 'an' : 'a'} ${name}`

/** A kind in words. Of what may be left out, what it is when it is there. */
export function expected(kind: Kind): string {
  if (typeof kind === 'string') return WORDS[kind]
  if ('class' in kind) return article(kind.class)
  if ('shape' in kind) return article(kind.shape)
  if ('list' in kind) return `a list, each ${expected(kind.list)}`
  if ('tuple' in kind) return `a list of ${kind.tuple.length}`
  if ('value' in kind) return JSON.stringify(kind.value)
  return kind.either.filter((part) => part !== 'undefined').map(expected).join(' or ')
}

/** A value in words: of which class it is, where that is to be seen. */
const given = (value: unknown): string => {
  const name = typeof value === 'object' && value !== null && !Array.isArray(value) ? classesOf(value)[0] : undefined
  return isSteps(value) ? 'a step that is not taken' : name !== undefined && name !== 'Object' ? article(name) : shown(value)
}

/** The names of its class and those above. */
function classesOf(value: object): string[] {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  return prototype === null ? [] : [prototype.constructor?.name ?? '', ...classesOf(prototype)]
}

const SIMPLE: Readonly<Record<Exclude<Kind, object>, (value: unknown) => boolean>> = {
  any: () => true,
  number: (value) => typeof value === 'number' && isWord(value),
  cell: (value) => typeof value === 'number' && isWord(value),
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  undefined: (value) => value === undefined,
  null: (value) => value === null,
  object: (value) => typeof value === 'object' && value !== null,
  function: (value) => typeof value === 'function',
  steps: isSteps,
}

/** How deep objects in objects are looked into. */
const DEEPEST = 4

/** How a value differs from what it is to be; undefined when it does not. */
export function misfit(kind: Kind, value: unknown, shapes: Shapes, depth = 0): Misfit | undefined {
  const different: Misfit = { path: '', wanted: expected(kind), given: given(value) }
  const within = (path: string, inner: Kind, part: unknown): Misfit | undefined => {
    const found = misfit(inner, part, shapes, depth + 1)
    return found && { ...found, path: path + found.path }
  }
  const first = (parts: readonly (Misfit | undefined)[]): Misfit | undefined => parts.find((part) => part !== undefined)

  if (typeof kind === 'string') return SIMPLE[kind](value) ? undefined : different
  if ('class' in kind) return typeof value === 'object' && value !== null && classesOf(value).includes(kind.class) ? undefined : different
  if ('value' in kind) return value === kind.value ? undefined : different
  if ('either' in kind) {
    const all = kind.either.map((part) => misfit(part, value, shapes, depth))
    // What is wrong within it says more than what it is not.
    return all.includes(undefined) ? undefined : all.find((part) => part!.path !== '' || part!.unknown !== undefined) ?? different
  }
  if ('list' in kind) return Array.isArray(value) ? first(value.map((part, i) => within(`[${i}]`, kind.list, part))) : different
  if ('tuple' in kind) {
    return Array.isArray(value) && value.length === kind.tuple.length ? first(kind.tuple.map((part, i) => within(`[${i}]`, part, value[i]))) : different
  }
  if (typeof value !== 'object' || value === null || isSteps(value) || Array.isArray(value)) return different
  const fields = shapes[kind.shape]!
  if (depth >= DEEPEST) return undefined
  const wrong = first(Object.entries(fields).map(([name, inner]) => within(`.${name}`, inner, (value as Record<string, unknown>)[name])))
  if (wrong || classesOf(value)[0] !== 'Object') return wrong
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name))
  return unknown === undefined ? undefined : { ...different, unknown, known: Object.keys(fields) }
}
