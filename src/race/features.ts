import type { KernelName } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import { profileByName } from '../machine/profiles/index.js'
import type { Race } from './race.js'

/** Parts of the kernel that some architectures do not have, by their Kconfig symbols. */
const FEATURES = {
  /** mm/Kconfig: depends on ARCH_HAS_PTE_DEVMAP. */
  ZONE_DEVICE: ({ pteDevmap }: Profile) => pteDevmap,
} as const

export type Feature = keyof typeof FEATURES

export const featureNames = Object.keys(FEATURES)

/** What the race is about and this architecture does not have. */
export const missingFeatures = ({ needs = [] }: Race, arch: string, kernel?: KernelName): readonly Feature[] => lackingFeatures(needs, arch, kernel)

/** Of these, what an architecture does not have. */
export function lackingFeatures(needs: readonly Feature[], arch: string, kernel?: KernelName): readonly Feature[] {
  const profile = profileByName(arch, kernel)
  return profile ? needs.filter((feature) => !FEATURES[feature](profile)) : []
}
