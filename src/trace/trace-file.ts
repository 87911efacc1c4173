import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { UserError } from '../engine/errors.js'
import type { Loaded } from '../engine/learn/loaded.js'
import { hash64 } from '../engine/learn/keys.js'
import { DEFAULT_KERNEL, kernelNames } from '../machine/kernels.js'
import type { Conditions } from '../race/boot.js'
import type { Outcome } from '../race/check.js'
import { grownSizes } from '../race/growing.js'
import type { Trace } from './trace.js'

z.config(en())

const schema = z.object({
  format: z.literal('mmrace-trace'),
  version: z.literal(2),
  /** The race's name, or the file it was loaded from. */
  race: z.string(),
  arch: z.string(),
  kernel: z.enum(kernelNames),
  revert: z.array(z.string()),
  apply: z.array(z.string()),
  with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** Files of the user's that the changes come from. */
  changes: z.array(z.string()),
  /** What the race has been found to need more of. */
  sizes: z.optional(z.record(z.string(), z.number())),
  /** Of the layout of the state: another hash means another model or other parameters. */
  model: z.string(),
  lanes: z.array(z.string()),
  violation: z.optional(z.object({ oracle: z.string(), message: z.string() })),
  loop: z.optional(z.number()),
  schedule: z.array(z.object({ lane: z.string(), step: z.string(), alternative: z.optional(z.number()) })),
})

/** A saved run: who takes which step, by name. */
export type TraceFile = z.infer<typeof schema>

/** A short name for what a program is made of. */
export const modelHash = ({ program: { memory, threads } }: Loaded): string =>
  hash64([...memory.names, ...memory.initial, ...threads.map((thread) => thread.name)].join('\n')).toString(16)

/** The text of a trace file. `race` and `changes` are how the user named them. */
export function saveTrace(outcome: Outcome, trace: Trace, race: string, changes: readonly string[] = []): string {
  const { conditions, loaded } = outcome
  const file: TraceFile = {
    format: 'mmrace-trace',
    version: 2,
    race,
    arch: conditions.arch,
    kernel: conditions.kernel ?? DEFAULT_KERNEL,
    revert: [...(conditions.revert ?? [])],
    apply: [...(conditions.apply ?? [])],
    with: { ...conditions.with },
    changes: [...changes],
    sizes: grownSizes(outcome.race),
    model: modelHash(loaded),
    lanes: [...trace.lanes],
    violation: trace.violation && { ...trace.violation },
    loop: trace.loop,
    schedule: trace.steps.map((step) => ({
      lane: trace.lanes[step.lane]!, step: step.label, ...(step.alternative > 0 && { alternative: step.alternative }),
    })),
  }
  return `${JSON.stringify(file, undefined, 1)}\n`
}

/** What a saved run was of. */
export const conditionsOfTrace = ({ arch, kernel, revert, apply, with: values, sizes = {} }: TraceFile): Conditions =>
  ({ arch, kernel, revert, apply, with: values, sizes })

/** Reads a trace file. Throws a UserError that says what is wrong with it. */
export function parseTrace(text: string, name: string): TraceFile {
  const bad = (what: string): UserError => new UserError('bad-trace', `${name} is not a usable trace file: ${what}`, 'make one with mmrace check RACE --trace FILE')
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error))
  }
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw bad(`${issue!.path.join('.') || 'the file'}: ${issue!.message}`)
}
