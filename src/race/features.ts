import { UserError } from '../engine/errors.js'
import type { KernelName } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import { profileByName, profileNames } from '../machine/profiles/index.js'
import type { Race } from './race.js'

/** Parts of the kernel that some architectures do not have, by their Kconfig symbols. */
const FEATURES = {
  /** mm/Kconfig: depends on ARCH_HAS_PTE_DEVMAP. */
  ZONE_DEVICE: ({ pteDevmap }: Profile) => pteDevmap,
  HAVE_FAST_GUP: ({ fastGup }: Profile) => fastGup,
  /** Without it GUP-fast follows huge entries only. */
  ARCH_HAS_PTE_SPECIAL: ({ pteSpecial }: Profile) => pteSpecial,
  ARCH_SUPPORTS_NUMA_BALANCING: ({ numaBalancing }: Profile) => numaBalancing,
  HAVE_ARCH_USERFAULTFD_WP: ({ userfaultfdWp }: Profile) => userfaultfdWp,
} as const

export type Feature = keyof typeof FEATURES

export const featureNames = Object.keys(FEATURES)

/** An architecture was asked for what it does not have. */
export function featureAbsent(arch: string, missing: readonly Feature[], kernel?: KernelName): UserError {
  const have = profileNames.filter((name) => {
    const profile = profileByName(name, kernel)
    return profile && missing.every((feature) => FEATURES[feature](profile))
  })
  return new UserError('absent', `${arch} has no ${missing.join(', ')}`, `these have it: ${have.join(', ') || 'none'}`)
}

/** What the race is about and this architecture does not have. */
export const missingFeatures = ({ needs = [] }: Race, arch: string, kernel?: KernelName): readonly Feature[] => lackingFeatures(needs, arch, kernel)

/** Of these, what an architecture does not have. */
export function lackingFeatures(needs: readonly Feature[], arch: string, kernel?: KernelName): readonly Feature[] {
  const profile = profileByName(arch, kernel)
  return profile ? needs.filter((feature) => !FEATURES[feature](profile)) : []
}
