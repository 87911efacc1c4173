import * as z from 'zod/mini'
import { UserError } from '../../engine/errors.js'
import { functionOf } from '../../engine/model/replace.js'
import { fields, halves, listOf, named, oneLine, problem, refused } from '../../engine/schema-parts.js'
import { shown } from '../../engine/shown.js'
import { changeById } from './index.js'

const REPLACE = 'replace: [[try_grab_folio, function* (page, refs, flags) { … }]]'

/** What every generator function is an instance of; JavaScript has no name for it. Its plain `yield` keeps the transform away. */
const GeneratorFunction = (function* () {
  yield 0
}).constructor

const isModelCode = (value: unknown): boolean =>
  typeof value === 'function' && (value instanceof GeneratorFunction || functionOf(value as () => unknown) !== undefined)

const pair = z.unknown().check(({ value, issues }) => {
  const [of, by, ...rest] = Array.isArray(value) ? value as unknown[] : []
  if (!Array.isArray(value) || value.length < 2 || rest.length > 0) issues.push(problem(value, `is not a pair of functions: ${shown(value)}`, REPLACE))
  else if (typeof of !== 'function' || !functionOf(of as () => unknown)) issues.push({ ...problem(of, `is no function of the kernel: ${shown(of)}`, 'import it from mmrace; it must be a function of model code that does not use `this`'), path: [0] })
  else if (!isModelCode(by)) issues.push({ ...problem(by, `is no generator function: ${shown(by)}`, REPLACE), path: [1] })
})

const changeSchema = fields('a change', {
  id: z.string(refused('not a name', "id: 'recheck-before-grab'")).check(
    z.regex(/^[a-z0-9][a-z0-9-]*$/, refused('not usable as a name', 'use small letters, digits and dashes')),
    ({ value, issues }) => {
      if (changeById(value)) issues.push(problem(value, `is the name of a change that mmrace has: ${shown(value)}`, 'choose another'))
    }),
  title: oneLine,
  changes: z.optional(oneLine),
  replace: z.optional(listOf('pairs of functions', pair)),
  cells: z.optional(named(z.number(refused('not a number', 'cells: { generation: 0 }')).check(z.refine((value) => Number.isInteger(value), refused('not a whole number', 'cells: { generation: 0 }'))), 'cells: { generation: 0 }')),
})

/** What is wrong with something that is to be a change; undefined when it is one. */
export function changeSpecProblem(spec: unknown): UserError | undefined {
  const [issue] = changeSchema.safeParse(spec).error?.issues ?? []
  if (!issue) return undefined
  const [what, hint] = halves(issue.message)
  const place = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').slice(1)
  const own = (spec as { id?: unknown } | null | undefined)?.id
  return new UserError('bad-change', `change ${typeof own === 'string' ? shown(own).slice(1, -1) : '?'}: ${place} ${what}`.replace(/ {2,}/g, ' '), hint)
}
