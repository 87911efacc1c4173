import * as z from 'zod/mini'
import { nearestHint } from './nearest.js'
import { shown } from './shown.js'

/** What is wrong with a value, and what to do about it, as one message: errors of zod have no place for a hint. */
const BETWEEN = '\n'

const texts = (what: string, hint: string): string => `${what}${BETWEEN}${hint}`

/** The two halves of a message made here. */
export const halves = (message: string): [what: string, hint: string] => {
  const [what, hint = 'see docs/model-code.md'] = message.split(BETWEEN)
  return [what!, hint]
}

/** The error of a schema whose values are not of its kind. */
export const refused = (what: string, hint: string) => ({
  error: ({ input }: { readonly input?: unknown }) => texts(input === undefined ? 'is missing' : `is ${what}: ${shown(input)}`, hint),
})

/** An issue that a check of its own finds. */
export const problem = (input: unknown, what: string, hint: string) => ({ code: 'custom' as const, input, message: texts(what, hint) })

/** An object with these fields and no others. */
export const fields = <T extends z.core.$ZodLooseShape>(what: string, shape: T) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return texts(issue.input === undefined ? 'is missing' : `is not ${what}: ${shown(issue.input)}`, `${what} has the fields ${Object.keys(shape).join(', ')}`)
      const [key] = (issue as { readonly keys: readonly string[] }).keys
      return texts(`there is no field ${shown(key)}`, nearestHint(key!, Object.keys(shape), `the fields are ${Object.keys(shape).join(', ')}`))
    },
  })

/** A list that holds something. An empty one says less than none at all. */
export const listOf = <T extends z.core.$ZodType>(what: string, item: T) =>
  z.array(item, refused(`not a list of ${what}`, 'write it in square brackets')).check(
    z.minLength(1, { error: () => texts('is empty', `name some ${what}, or leave it out`) }))

export const anyFunction = (hint: string) =>
  z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', { error: ({ input }) => texts(`is not a function: ${shown(input)}`, hint) })

/** A text on one line: what is printed in tables must not move the cursor. */
export const oneLine = z.string(refused('not a text', 'put it in quotes')).check(
  z.regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, refused('not a text on one line', 'letters, digits and signs, no line ends or control characters')))

/** An object whose fields have names of the user's. */
export const named = <T extends z.core.$ZodType>(item: T, hint: string) =>
  z.record(z.string(), item, refused('not an object', hint)).check(({ value, issues }) => {
    const names = Object.keys(value)
    if (names.length === 0) issues.push(problem(value, 'is empty', hint))
    const strange = names.find((name) => !z.safeParse(oneLine, name).success)
    if (strange !== undefined) issues.push(problem(value, `has a name that is not a text on one line: ${shown(strange)}`, 'letters, digits and signs, no control characters'))
  })
