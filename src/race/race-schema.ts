import * as z from 'zod/mini'
import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { DEADLOCK } from '../engine/search/deadlock.js'
import { LIVELOCK } from '../engine/search/cycles.js'
import { shown } from '../engine/shown.js'
import { ByKernel, isKernelName, kernelNames } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import { oracles } from '../oracles/index.js'
import { type Chosen, oracleIds } from './race-oracles.js'
import { featureNames } from './features.js'
import { geometrySchema } from './geometry-schema.js'
import { type Change, isChange } from '../kernel/changes/change.js'
import { changeProblem } from './named-changes.js'
import { anyFunction, fields, halves, listOf, named, oneLine, problem, refused } from '../engine/schema-parts.js'

/** A name of something there is; `wrong` says what is wrong with others. */
const name = (wrong: (name: string) => UserError | undefined) =>
  z.string(refused('not a name', 'put it in quotes')).check(({ value, issues }) => {
    const error = wrong(value)
    if (error) issues.push(problem(value, error.message, error.hint))
  })

const oneOf = (kind: string, names: readonly string[]) => name((given) =>
  (names.includes(given) ? undefined : new UserError('unknown', `there is no ${kind} ${shown(given)}`, nearestHint(given, names, `there are ${names.join(', ')}`))))

const OWN_ORACLE = "oracle({ id: 'mine', watch(k, env) { … } })"
/** One of ours, by its id, or one of the race's own. */
const ownOracle = fields('an oracle', {
  id: z.string(refused('not a name', OWN_ORACLE)).check(z.regex(/^[a-z][a-z0-9-]*$/, refused('not usable as a name of its own', 'use small letters, digits and dashes'))),
  name: z.optional(oneLine),
  watch: anyFunction(OWN_ORACLE),
})
const ourOracle = oneOf('oracle', [...oracles.keys()])
const oracle = z.unknown().check(({ value, issues }) => {
  const { error } = z.safeParse(typeof value === 'object' ? ownOracle : ourOracle, value)
  if (error) issues.push(...error.issues.map(({ message, path }) => ({ ...problem(value, ...halves(message)), path })))
})
/** What the search itself finds. */
const BY_THE_SEARCH = [DEADLOCK, LIVELOCK]
const somewhere = listOf('profiles', oneOf('profile', profileNames))

const expectation = fields("what is expected (holds, or violates('O6', ['arm64']))", {
  holds: z.optional(z.literal(true, refused('not true', 'expect: holds'))),
  violates: z.optional(oneLine),
  absent: z.optional(oneLine),
  on: z.optional(z.unknown().check(({ value, issues }) => {
    const parsed = value === 'all' ? undefined : z.safeParse(somewhere, value)
    if (parsed?.error) issues.push(...parsed.error.issues.map(({ message, path }) => ({ ...problem(value, ...halves(message)), path })))
  })),
}).check(({ value, issues }) => {
  const { holds, violates, absent, on } = value
  const said = [holds, violates, absent].filter((one) => one !== undefined).length
  const whole = said === 1 && (violates === undefined) === (on === undefined)
  if (!whole) issues.push(problem(value, 'says neither that it holds nor what is violated where, nor what is absent', "expect: holds, or violates('O6', ['arm64'])"))
})

const EXPECT = "expect: holds, or violates('O6', ['arm64']), or byKernel({ '6.1': …, '7.3': … })"

/** The same on every kernel, or by kernel. */
const expectations = z.unknown().check(({ value, issues }) => {
  const given = value instanceof ByKernel ? Object.entries(value.values) : [[undefined, value] as const]
  for (const [kernel, one] of given) {
    if (kernel !== undefined && !isKernelName(kernel)) issues.push(problem(value, `there is no kernel ${shown(kernel)}`, nearestHint(kernel, kernelNames, EXPECT)))
    const parsed = z.safeParse(expectation, one)
    if (parsed.error) issues.push(...parsed.error.issues.map(({ message, path }) => ({ ...problem(one, ...halves(message)), path: [...(kernel === undefined ? [] : [kernel]), ...path] })))
  }
})

const expectedOf = (expect: unknown): readonly Partial<{ violates: string }>[] =>
  (expect instanceof ByKernel ? Object.values(expect.values) : [expect]) as Partial<{ violates: string }>[]

const change = z.custom<Change>(isChange, refused('not a change', "what change({ id: …, replace: … }) gives, as it is"))

/** What tells one variant of a race from another. */
export const variantShape = {
  revert: z.optional(listOf('commits', name((id) => changeProblem(id, 'revert')))),
  apply: z.optional(listOf('changes', z.union([z.string(), change], refused('not a change, or its name', 'apply: [mine]')))),
  with: z.optional(named(z.union([z.string(), z.number(), z.boolean()], refused('not a text, a number, true or false', 'with: { drains: true }')), 'with: { drains: true }')),
  expect: expectations,
  because: z.optional(oneLine),
  never: z.optional(listOf('names', oneLine)),
}

const CPUS = "cpus: { 'lane': function* (env) { … } }"

/** What several races may have in common. */
export const sceneShape = {
  geometry: z.optional(geometrySchema),
  tlb: z.optional(z.boolean(refused('neither true nor false', 'tlb: true'))),
  needs: z.optional(listOf('features', oneOf('feature', featureNames))),
  setup: anyFunction('setup: (k) => { … } prepares the state'),
  cpus: named(anyFunction(CPUS), CPUS),
  endless: z.optional(listOf('lanes', oneLine)),
  sometimes: listOf("names of what must happen in some run, for yield* reach('pinned')", oneLine),
  maybe: z.optional(listOf('names', oneLine)),
  oracles: z.optional(listOf('oracles', oracle)),
}

export const raceShape = {
  name: z.string(refused('not a name', "name: 'my-race'")).check(
    z.regex(/^[a-z0-9][a-z0-9-]*$/, refused('not usable as a name', 'use small letters, digits and dashes'))),
  title: oneLine,
  seed: z.optional(oneLine),
  question: z.optional(oneLine),
  bug: z.optional(oneLine),
  asked: z.optional(z.string(refused('not a text', 'put it in quotes'))),
  answer: z.optional(z.string(refused('not a text', 'put it in quotes'))),
  references: z.optional(listOf('texts', oneLine)),
  litmus: z.optional(listOf('names of litmus tests', oneLine)),
  changes: z.optional(listOf('changes', change)),
  variants: named(fields('a variant', variantShape), 'variants: { fixed: { expect: holds } }').check(
    z.refine((variants) => Object.hasOwn(variants, 'fixed'), { error: () => 'has no fixed\nvariants: { fixed: { expect: holds } }' })),
  ...sceneShape,
}

/** What fits together of what is right by itself. */
const raceSchema = fields('a race', raceShape).check(({ value: { variants, changes: own = [], sometimes, oracles: chosen, cpus, endless = [], geometry }, issues }) => {
  const checked = [...BY_THE_SEARCH, ...oracleIds(chosen as Chosen)]
  const mine = [...own, ...Object.values(variants).flatMap(({ apply = [] }) => apply.filter((one) => typeof one !== 'string'))]
  for (const [variant, { apply = [], expect, never = [] }] of Object.entries(variants)) {
    for (const [i, one] of apply.entries()) {
      const wrong = typeof one === 'string' ? changeProblem(one, 'apply', mine) : undefined
      if (wrong) issues.push({ ...problem(one, wrong.message, wrong.hint), path: ['variants', variant, 'apply', i] })
    }
    for (const { violates } of expectedOf(expect)) {
      if (violates === undefined || checked.includes(violates)) continue
      const known = oracles.has(violates)
      issues.push(known
        ? { ...problem(expect, `expects ${violates}, which the race does not check`, `oracles: ['${violates}', …]`), path: ['variants', variant, 'expect'] }
        : { ...problem(violates, `there is no oracle ${shown(violates)}`, nearestHint(violates, checked, `there are ${checked.join(', ')}`)), path: ['variants', variant, 'expect', 'violates'] })
    }
    for (const one of never) {
      if (!sometimes.includes(one)) issues.push({ ...problem(one, `${shown(one)} is not in sometimes`, nearestHint(one, sometimes, `sometimes has ${sometimes.join(', ')}`)), path: ['variants', variant, 'never'] })
    }
  }
  for (const one of endless) {
    if (!Object.hasOwn(cpus, one)) issues.push({ ...problem(one, `there is no lane ${shown(one)}`, nearestHint(one, Object.keys(cpus), `the lanes are ${Object.keys(cpus).join(', ')}`)), path: ['endless'] })
  }
  const lanes = Object.keys(cpus).length
  if (Number(geometry?.['workers'] ?? 0) > lanes) issues.push({ ...problem(geometry, `is more than there are lanes, ${lanes}`, 'workers are the last lanes'), path: ['geometry', 'workers'] })
})

/** What is wrong with something that is to be a race; undefined when it is one. The first thing is enough to go on. */
export function raceProblem(spec: unknown): UserError | undefined {
  const [issue] = raceSchema.safeParse(spec).error?.issues ?? []
  if (!issue) return undefined
  const [what, hint] = halves(issue.message)
  const place = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').slice(1)
  const own = (spec as { name?: unknown } | null | undefined)?.name
  const colon = /^(?:is|has|expects) /.test(what) ? '' : ':'
  return new UserError('bad-race', `race ${typeof own === 'string' ? shown(own).slice(1, -1) : '?'}: ${place}${place === '' ? '' : `${colon} `}${what}`, hint)
}
