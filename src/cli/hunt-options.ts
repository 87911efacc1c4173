import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import type { HuntOptions } from '../hunt/hunt.js'
import type { HuntedKernel } from '../hunt/hunted-kernel.js'
import { operations } from '../hunt/operations/index.js'
import { states } from '../hunt/states/index.js'
import type { Change } from '../kernel/changes/change.js'
import { changed, DEFAULT_ARCH, kernelNamed } from '../race/asked.js'
import { profilesNamed, split } from './conditions.js'
import { numberOf } from './search-options.js'

/** What says where a hunt looks, as commander hands it over. */
export interface HuntPlanFlags {
  arch?: string
  kernel?: string
  revert?: string
  apply?: string
  against?: string
  ops?: string
  states?: string
  lanes: string
  budget: string
  seed?: string
  first?: boolean
  maxStates?: string
}

/** Seconds that one scene may take. */
const SCENE_SECONDS = 60

/** What is asked for. `own`: changes of the user's, which the kernel has. */
export function huntOptions(flags: HuntPlanFlags, own: readonly Change[], signal: AbortSignal): HuntOptions {
  const lanes = Number(flags.lanes)
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 4) throw new UserError('bad-lanes', `--lanes ${flags.lanes}`, 'give 1, 2, 3 or 4')
  const kernel = kernelNamed(flags.kernel)
  return {
    archs: profilesNamed(flags.arch ?? DEFAULT_ARCH), states: matching('state', states, flags.states), operations: matching('operation', operations, flags.ops),
    lanes, seed: numberOf('--seed', flags.seed, 0) ?? 1, budget: secondsOf(flags.budget), first: flags.first ?? false,
    kernel: {
      kernel, revert: changed(split(flags.revert), 'revert', kernel, own), apply: [...changed(split(flags.apply), 'apply', kernel, own), ...own.map(({ id }) => id)], changes: own,
    },
    ...(flags.against !== undefined && { against: baseOf(flags.against, kernel, own) }),
    bounds: { states: numberOf('--max-states', flags.maxStates) ?? 300_000, seconds: SCENE_SECONDS, signal },
  }
}

/** `7.3`, `6.1,-70cbc3cc78a9,+pt-reclaim`, or `-70cbc3cc78a9`: a kernel, with changes taken out of it and put in. */
function baseOf(text: string, hunted: HuntedKernel['kernel'], own: readonly Change[]): HuntedKernel {
  const parts = split(text)
  const names = parts.filter((part) => !/^[-+]/.test(part))
  if (names.length > 1) throw new UserError('bad-base', `--against ${text} names more than one kernel`, 'give one, and changes: 6.1,-70cbc3cc78a9')
  const kernel = kernelNamed(names[0] ?? hunted)
  const listed = (sign: string): string[] => parts.filter((part) => part.startsWith(sign)).map((part) => part.slice(1))
  return { kernel, revert: changed(listed('-'), 'revert', kernel, own), apply: changed(listed('+'), 'apply', kernel, own), changes: own }
}

/** Of the catalogue, what was asked for by name. */
function matching<T extends { readonly name: string }>(what: string, all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all
  const patterns = split(names)
  const isLike = (pattern: string) => {
    const shape = new RegExp(`^${pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('.*')}$`)
    return ({ name }: T): boolean => shape.test(name)
  }
  const without = patterns.find((pattern) => !all.some(isLike(pattern)))
  if (without !== undefined) throw new UserError(`unknown-${what}`, `there is no ${what} "${without}"`, nearestHint(without, all.map(({ name }) => name), 'mmrace hunt --list shows those there are'))
  return all.filter((one) => patterns.some((pattern) => isLike(pattern)(one)))
}

function secondsOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text)
  const seconds = match ? Number(match[1]) * { '': 1, s: 1, m: 60, h: 3600 }[match[2] as '' | 's' | 'm' | 'h'] : 0
  if (seconds <= 0) throw new UserError('bad-budget', `--budget ${text} is not a time`, 'give seconds, or 5m, or 8h')
  return seconds
}
