import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import type { Change } from '../kernel/changes/change.js'
import { changesOf } from '../kernel/changes/changes_of.js'
import { changeById } from '../kernel/changes/index.js'
import { DEFAULT_KERNEL, isKernelName, type KernelName, kernelNames } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import type { Conditions } from '../race/boot.js'
import { changeIds, changeProblem } from '../race/named-changes.js'
import type { Race } from '../race/race.js'

export interface ConditionFlags {
  arch?: string
  kernel?: string
  revert?: string
  apply?: string
  bug?: boolean
  variant?: string
  change?: readonly string[]
}

export const ALL_PROFILES = profileNames
const DEFAULT_ARCH = 'arm64'

/** The parts of a list that is given; none when it is not. */
function split(list: string | undefined): string[] {
  if (list === undefined) return []
  const parts = list.split(',').map((part) => part.trim()).filter((part) => part !== '')
  if (parts.length === 0) throw new UserError('empty-list', `${shown(list)} names nothing`, 'give names, separated by commas, or leave the option out')
  return [...new Set(parts)]
}

/** `arm64,s390`, or `all`. */
export function archList(text: string | undefined, without: readonly string[] = [DEFAULT_ARCH]): readonly string[] {
  if (text === undefined) return without
  return text === 'all' ? ALL_PROFILES : split(text)
}

/** Profiles by name; all where none is named. */
export function profilesNamed(text: string | undefined): readonly string[] {
  const names = archList(text, ALL_PROFILES)
  const unknown = names.find((name) => !ALL_PROFILES.includes(name))
  if (unknown !== undefined) throw new UserError('unknown-profile', `there is no profile ${shown(unknown)}`, nearestHint(unknown, ALL_PROFILES, `the profiles are ${ALL_PROFILES.join(', ')}`))
  return names
}

/** For the help of commands. */
export const KERNEL_HELP = `which: ${kernelNames.join(', ')} (default ${DEFAULT_KERNEL})`

/** The kernel of this name, or the default. */
export function kernelOf(name: string = DEFAULT_KERNEL): KernelName {
  if (!isKernelName(name)) throw new UserError('unknown-kernel', `there is no kernel ${shown(name)}`, nearestHint(name, kernelNames, `the kernels are ${kernelNames.join(', ')}`))
  return name
}

/** `6.1,7.3`, or `all`. */
export const kernelList = (text: string): readonly KernelName[] => (text === 'all' ? kernelNames : split(text).map(kernelOf))

/** What `--variant` or `--bug` names; else `fixed`. */
function variantAsked({ bug, variant }: ConditionFlags): string {
  if (bug && variant !== undefined) throw new UserError('two-variants', '--bug and --variant name a variant each', '--bug is --variant bug')
  return variant ?? (bug ? 'bug' : 'fixed')
}

/** The name of the variant that is asked for, which the race declares. */
export function variantName(race: Race, flags: ConditionFlags): string {
  const name = variantAsked(flags)
  if (Object.hasOwn(race.variants, name)) return name
  const names = Object.keys(race.variants)
  throw new UserError('no-variant', `race ${race.name} declares no variant ${shown(name)}`, nearestHint(name, names, `its variants are ${names.join(', ')}`))
}

/** What names the changes, as one would give it, with one word for each thing: another search has other words. */
export function conditionWords(flags: ConditionFlags): string[] {
  const name = variantAsked(flags)
  const listed = (option: string, ids: readonly string[]): string[] => (ids.length > 0 ? [option, ids.join()] : [])
  const kernel = kernelOf(flags.kernel)
  return [...(kernel === DEFAULT_KERNEL ? [] : ['--kernel', kernel]), ...(name === 'fixed' ? [] : ['--variant', name]), ...listed('--revert', split(flags.revert)), ...listed('--apply', split(flags.apply)), ...(flags.change ?? []).flatMap((file) => ['--change', file])]
}

/** The changes that an option names. A kernel that they make no difference to is refused. */
function changed(text: string | undefined, option: 'revert' | 'apply', kernel: KernelName, race: Race): readonly string[] {
  const names = split(text)
  const wrong = names.map((name) => changeProblem(name, option, race.changes)).find((problem) => problem !== undefined)
  if (wrong) throw wrong
  const ids = changeIds(names, race.changes)
  const there = changesOf(kernel).ids
  const needless = ids.find((id) => there.has(id) !== (option === 'revert'))
  if (needless === undefined) return ids
  if (option === 'apply') throw new UserError('there-already', `Linux ${kernel} has ${needless}`, 'it goes with --revert')
  throw new UserError('not-there', `Linux ${kernel} does not have ${needless}`, `Linux ${changeById(needless)!.since} is the first with it: --kernel`)
}

/**
 * What is asked for: the variant of `--variant` or `--bug`, or the fixed form, with what `--revert` and `--apply` change
 * on top, on the kernel of `--kernel`; for each architecture of `--arch`. `own`: changes of the user's on top of all that.
 */
export function conditionsOf(race: Race, flags: ConditionFlags, own: readonly Change[] = []): Conditions[] {
  const variant = race.variants[variantName(race, flags)]!
  const kernel = kernelOf(flags.kernel)
  const revert = [...new Set([...changed(flags.revert, 'revert', kernel, race), ...variant.revert ?? []])]
  const apply = [...new Set([...changed(flags.apply, 'apply', kernel, race), ...variant.apply ?? [], ...own.map(({ id }) => id)])]
  return archList(flags.arch).map((arch) => ({ arch, kernel, revert, apply, with: variant.with ?? {} }))
}
