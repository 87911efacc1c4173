import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import { changesOf } from '../kernel/changes/changes_of.js'
import { changeById } from '../kernel/changes/index.js'
import { DEFAULT_KERNEL, isKernelName, type KernelName, kernelNames } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import type { Conditions } from '../race/boot.js'
import { changeProblem } from '../race/change-problem.js'
import type { Race } from '../race/race.js'

export interface ConditionFlags {
  arch?: string
  kernel?: string
  revert?: string
  apply?: string
  bug?: boolean
  variant?: string
}

export const ALL_PROFILES = profileNames
const DEFAULT_ARCH = 'arm64'

const split = (list: string | undefined): string[] => list?.split(',').map((part) => part.trim()).filter((part) => part !== '') ?? []

/** `arm64,s390`, or `all`. */
export function archList(text: string | undefined, without: readonly string[] = [DEFAULT_ARCH]): readonly string[] {
  if (text === undefined) return without
  return text === 'all' ? ALL_PROFILES : split(text)
}

/** For the help of commands. */
export const KERNEL_HELP = `which: ${kernelNames.join(', ')} (default ${DEFAULT_KERNEL})`

/** The kernel of this name, or the default. */
export function kernelOf(name: string = DEFAULT_KERNEL): KernelName {
  if (!isKernelName(name)) throw new UserError('unknown-kernel', `there is no kernel ${shown(name)}`, `the kernels are ${kernelNames.join(', ')}`)
  return name
}

/** `6.1,7.3`, or `all`. */
export const kernelList = (text: string): readonly KernelName[] => (text === 'all' ? kernelNames : split(text).map(kernelOf))

/** The name of the variant that is asked for: that of `--variant`, `bug`, or `fixed`. */
export function variantName({ bug, variant }: ConditionFlags): string {
  if (bug && variant !== undefined) throw new UserError('two-variants', '--bug and --variant name a variant each', '--bug is --variant bug')
  return variant ?? (bug ? 'bug' : 'fixed')
}

/** What names the changes, as one would give it, with one word for each thing: another search has other words. */
export function conditionWords(flags: ConditionFlags): string[] {
  const name = variantName(flags)
  const listed = (option: string, ids: readonly string[]): string[] => (ids.length > 0 ? [option, ids.join()] : [])
  const kernel = kernelOf(flags.kernel)
  return [...(kernel === DEFAULT_KERNEL ? [] : ['--kernel', kernel]), ...(name === 'fixed' ? [] : ['--variant', name]), ...listed('--revert', split(flags.revert)), ...listed('--apply', split(flags.apply))]
}

/**
 * What is asked for: the variant of `--variant` or `--bug`, or the fixed form, with what `--revert` and `--apply` change
 * on top, on the kernel of `--kernel`; for each architecture of `--arch`.
 */
export function conditionsOf(race: Race, flags: ConditionFlags): Conditions[] {
  const name = variantName(flags)
  const variant = Object.hasOwn(race.variants, name) ? race.variants[name] : undefined
  const names = Object.keys(race.variants)
  if (!variant) throw new UserError('no-variant', `race ${race.name} declares no variant ${shown(name)}`, nearestHint(name, names, `its variants are ${names.join(', ')}`))
  const revert = [...new Set([...split(flags.revert), ...(variant.revert ?? [])])]
  const apply = [...new Set([...split(flags.apply), ...(variant.apply ?? [])])]
  const kernel = kernelOf(flags.kernel)
  const without = split(flags.revert).find((id) => changeById(id) && !changesOf(kernel).ids.has(id))
  if (without !== undefined && !changeProblem(without, 'revert')) throw new UserError('not-there', `Linux ${kernel} does not have ${without}`, 'mmrace explain names the first kernel with it')
  const twice = split(flags.apply).find((id) => changesOf(kernel).ids.has(id))
  if (twice !== undefined) throw new UserError('there-already', `Linux ${kernel} has ${twice}`, 'it goes with --revert')
  return archList(flags.arch).map((arch) => ({ arch, kernel, revert, apply }))
}
