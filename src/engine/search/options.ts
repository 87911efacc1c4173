import * as z from 'zod/mini'
import type { Checkpoint } from '../checkpoint/checkpoint.js'
import type { CheckpointOptions } from '../checkpoint/saver.js'
import { UserError } from '../errors.js'
import { fields, halves, refused } from '../schema-parts.js'
import type { Bounds } from './bounds.js'
import type { Reductions } from './reductions.js'
import { STRATEGIES, type Strategy } from './strategies.js'

export interface ExploreOptions extends Bounds {
  /**
   * `exhaustive` (default): depth first, the quickest proof. `shortest`: breadth first, a violation in the fewest
   * steps. `fewest-preemptions`: the violation a person understands soonest. `random`, `pct`: samples.
   */
  readonly strategy?: Strategy
  /** `exhaustive` only: leave out what makes no difference. Default true; an object switches single reductions off. */
  readonly reduce?: boolean | Partial<Reductions>
  /** `exhaustive` only: compare states in full, not only their fingerprints. Leaves out sleep sets. */
  readonly exact?: boolean
  /** `exhaustive` only: go on after the first violation. */
  readonly all?: boolean
  /** `exhaustive` only: estimate on the way, and when the search stops early, which share of all states it has visited. */
  readonly estimate?: boolean
  /** `exhaustive` only: hand over checkpoints on the way, and when a bound or the signal stops the search. */
  readonly checkpoint?: CheckpointOptions
  /** `exhaustive` only: go on from a checkpoint of the same program and options; bounds other than depth may differ. */
  readonly resume?: Checkpoint
  /** Not when sampling: threads that keep each other going for ever, though a fair scheduler runs them, are a violation. */
  readonly fair?: boolean
  /** `random` and `pct` only. */
  readonly seed?: number
  /** `random` and `pct` only; default 1000. */
  readonly runs?: number
  /** `pct` only: priority changes per run; default 2. */
  readonly changes?: number
  readonly signal?: AbortSignal
}

const ONLY_FOR: Partial<Record<keyof ExploreOptions, readonly Strategy[]>> = {
  states: ['exhaustive', 'shortest', 'fewest-preemptions'], reduce: ['exhaustive'], all: ['exhaustive'], exact: ['exhaustive'], checkpoint: ['exhaustive'], estimate: ['exhaustive'], resume: ['exhaustive'],
  fair: ['exhaustive', 'shortest', 'fewest-preemptions'],
  seed: ['random', 'pct'], runs: ['random', 'pct'], changes: ['pct'],
}

const MOST_CHANGES = 1000

const number = (least: number, most: number, hint: string, whole: boolean) =>
  z.number(refused('not a number', hint)).check(
    z.refine((value) => value >= least && value <= most && (!whole || value === Infinity || Number.isInteger(value)), refused('not usable', hint)))

const count = number(1, Infinity, 'give a whole number from 1 on', true)
const flag = z.boolean(refused('neither true nor false', 'give true or false'))
const object = z.custom<object>((value) => typeof value === 'object' && value !== null, refused('not an object', 'leave it out'))

/** Every option of a search. One that is not here is refused. */
const SHAPE: Readonly<Record<keyof ExploreOptions, z.core.$ZodType>> = {
  strategy: z.enum(STRATEGIES, refused('no strategy', `use one of ${STRATEGIES.join(', ')}`)),
  states: count,
  depth: count,
  seconds: z.number(refused('not a number', 'give seconds')).check(z.positive(refused('not usable', 'give more than 0'))),
  bytes: count,
  reduce: z.union([flag, fields('reduce', { persistent: z.optional(flag), sleep: z.optional(flag), symmetry: z.optional(flag) })]),
  exact: flag,
  all: flag,
  estimate: flag,
  checkpoint: object,
  resume: object,
  fair: flag,
  seed: number(0, Number.MAX_SAFE_INTEGER, 'give a whole number from 0 on', true),
  runs: count,
  changes: number(0, MOST_CHANGES, `give a whole number up to ${MOST_CHANGES}`, true),
  signal: object,
}

const schema = fields('the options of a search', Object.fromEntries(Object.entries(SHAPE).map(([name, kind]) => [name, z.optional(kind)])))

/** Refuses options that there are not, values that make no sense, and what means nothing to the strategy. Throws a UserError. */
export function checkOptions(options: ExploreOptions): void {
  const [issue] = schema.safeParse(options).error?.issues ?? []
  if (issue) throw wrong(issue)
  const { strategy = 'exhaustive' } = options
  for (const [name, strategies] of Object.entries(ONLY_FOR)) {
    if (options[name as keyof ExploreOptions] !== undefined && !strategies.includes(strategy)) {
      throw new UserError('option-not-for-strategy', `${name} means nothing to strategy ${strategy}`, `use it with ${strategies.join(' or ')}`)
    }
  }
}

function wrong(issue: z.core.$ZodIssue): UserError {
  // Of a value that is of none of several kinds, what is wrong with it as the last of them: the one with fields.
  const [inner] = issue.code === 'invalid_union' ? issue.errors.at(-1)! : [issue]
  const [what, hint] = halves(inner!.message)
  const place = [...issue.path, ...(inner === issue ? [] : inner!.path)].join('.')
  return new UserError('bad-option', `option ${place}${what.startsWith('is ') ? ' ' : ': '}${what}`, hint)
}
