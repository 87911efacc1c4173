import { DEFAULT_KERNEL, type KernelName } from '../machine/kernels.js'
import { profileNames } from '../machine/profiles/index.js'
import { kernelNamed, profileNamed, variantNamed } from '../race/asked.js'
import type { Race } from '../race/race.js'

/** By names that may be wrong: which verdicts are wanted. */
export interface Wanted {
  /** Default: all that a race declares. */
  readonly variants?: readonly string[]
  /** Default: all. */
  readonly archs?: readonly string[]
  /** Default: the reference kernel. */
  readonly kernels?: readonly string[]
}

/** Where one verdict of a race is to be found. */
export interface Place {
  readonly variant: string
  readonly kernel: KernelName
  readonly arch: string
}

/** Every variant of a race × kernel × profile. Throws a UserError for what there is not. */
export const placesOf = (race: Race, { variants = Object.keys(race.variants), archs = profileNames, kernels = [DEFAULT_KERNEL] }: Wanted): Place[] =>
  variants.flatMap((variant) => kernels.flatMap((kernel) => archs.map((arch) =>
    ({ variant: variantNamed(race, variant), kernel: kernelNamed(kernel), arch: profileNamed(arch) }))))
