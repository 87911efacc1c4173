import { UserError } from '../engine/errors.js'
import { shown } from '../engine/shown.js'
import type { Change } from '../kernel/changes/change.js'
import { DEFAULT_KERNEL, type KernelName, kernelNames } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import { askedConditions, DEFAULT_ARCH, DEFAULT_VARIANT, kernelNamed, profileNamed, variantNamed } from '../race/asked.js'
import type { Conditions } from '../race/boot.js'
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

/** The parts of a list that is given; none when it is not. */
export function split(list: string | undefined): string[] {
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
export const profilesNamed = (text: string | undefined): readonly string[] => archList(text, ALL_PROFILES).map((name) => profileNamed(name))

/** For the help of commands. */
export const KERNEL_HELP = `which: ${kernelNames.join(', ')} (default ${DEFAULT_KERNEL})`

/** `6.1,7.3`, or `all`. */
export const kernelList = (text: string): readonly KernelName[] => (text === 'all' ? kernelNames : split(text).map((name) => kernelNamed(name)))

/** What `--variant` or `--bug` names; else `fixed`. */
function variantAsked({ bug, variant }: ConditionFlags): string {
  if (bug && variant !== undefined) throw new UserError('two-variants', '--bug and --variant name a variant each', '--bug is --variant bug')
  return variant ?? (bug ? 'bug' : DEFAULT_VARIANT)
}

/** The name of the variant that is asked for, which the race declares. */
export const variantName = (race: Race, flags: ConditionFlags): string => variantNamed(race, variantAsked(flags))

/** What names the changes, as one would give it, with one word for each thing: another search has other words. */
export function conditionWords(flags: ConditionFlags): string[] {
  const name = variantAsked(flags)
  const listed = (option: string, ids: readonly string[]): string[] => (ids.length > 0 ? [option, ids.join()] : [])
  const kernel = kernelNamed(flags.kernel)
  return [...(kernel === DEFAULT_KERNEL ? [] : ['--kernel', kernel]), ...(name === DEFAULT_VARIANT ? [] : ['--variant', name]), ...listed('--revert', split(flags.revert)), ...listed('--apply', split(flags.apply)), ...(flags.change ?? []).flatMap((file) => ['--change', file])]
}

/**
 * What is asked for: the variant of `--variant` or `--bug`, or the fixed form, with what `--revert` and `--apply` change
 * on top, on the kernel of `--kernel`; for each architecture of `--arch`. `own`: changes of the user's on top of all that.
 */
export function conditionsOf(race: Race, flags: ConditionFlags, own: readonly Change[] = []): Conditions[] {
  const asked = askedConditions(race, {
    variant: variantAsked(flags), revert: split(flags.revert), apply: split(flags.apply), ...(flags.kernel !== undefined && { kernel: flags.kernel }),
  })
  const apply = [...new Set([...asked.apply ?? [], ...own.map(({ id }) => id)])]
  return archList(flags.arch).map((arch) => ({ ...asked, arch, apply }))
}
