import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import type { Change } from '../kernel/changes/change.js'
import { changesOf } from '../kernel/changes/changes_of.js'
import { changeById } from '../kernel/changes/index.js'
import { DEFAULT_KERNEL, isKernelName, type KernelName, kernelNames } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import type { Conditions } from './boot.js'
import { changeIds, changeProblem } from './named-changes.js'
import type { Race } from './race.js'

/** What somebody asks a race to be run on, by names that may be wrong. */
export interface Asked {
  /** Default: arm64. */
  readonly arch?: string
  /** Default: DEFAULT_KERNEL. */
  readonly kernel?: string
  /** A variant that the race declares; default `fixed`. */
  readonly variant?: string
  /** On top of those of the variant. */
  readonly revert?: readonly string[]
  readonly apply?: readonly string[]
}

export const DEFAULT_ARCH = 'arm64'
export const DEFAULT_VARIANT = 'fixed'

/** The kernel of this name, or the default. */
export function kernelNamed(name: string = DEFAULT_KERNEL): KernelName {
  if (!isKernelName(name)) throw new UserError('unknown-kernel', `there is no kernel ${shown(name)}`, nearestHint(name, kernelNames, `the kernels are ${kernelNames.join(', ')}`))
  return name
}

/** The profile of this name, or the default. */
export function profileNamed(name: string = DEFAULT_ARCH): string {
  if (!profileNames.includes(name)) throw new UserError('unknown-profile', `there is no profile ${shown(name)}`, nearestHint(name, profileNames, `the profiles are ${profileNames.join(', ')}`))
  return name
}

/** The variant of this name, which the race declares, or the default. */
export function variantNamed(race: Race, name: string = DEFAULT_VARIANT): string {
  if (Object.hasOwn(race.variants, name)) return name
  const names = Object.keys(race.variants)
  throw new UserError('no-variant', `race ${race.name} declares no variant ${shown(name)}`, nearestHint(name, names, `its variants are ${names.join(', ')}`))
}

/** Changes by their names. A kernel that they make no difference to is refused. */
export function changed(names: readonly string[], option: 'revert' | 'apply', kernel: KernelName, own: readonly Change[] = []): readonly string[] {
  const wrong = names.map((name) => changeProblem(name, option, own)).find((problem) => problem !== undefined)
  if (wrong) throw wrong
  const ids = changeIds(names, own)
  const there = changesOf(kernel).ids
  const needless = ids.find((id) => there.has(id) !== (option === 'revert'))
  if (needless === undefined) return ids
  if (option === 'apply') throw new UserError('there-already', `Linux ${kernel} has ${needless}`, 'it goes with --revert')
  throw new UserError('not-there', `Linux ${kernel} does not have ${needless}`, `Linux ${changeById(needless)!.since} is the first with it: --kernel`)
}

/** What was asked for, as conditions. Throws a UserError for what there is not. */
export function askedConditions(race: Race, { arch = DEFAULT_ARCH, kernel: name, variant: variantName, revert = [], apply = [] }: Asked): Conditions {
  const variant = race.variants[variantNamed(race, variantName)]!
  const kernel = kernelNamed(name)
  return {
    arch, kernel,
    revert: [...new Set([...changed(revert, 'revert', kernel, race.changes), ...variant.revert ?? []])],
    apply: [...new Set([...changed(apply, 'apply', kernel, race.changes), ...variant.apply ?? []])],
    with: variant.with ?? {},
  }
}
