import { UserError } from '../engine/errors.js'
import { DEFAULT_KERNEL, isSince, type KernelName, kernelNames } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import { profileByName, profileNames, profileSince } from '../machine/profiles/index.js'
import type { Race } from './race.js'

/** Parts of the kernel that some architectures do not have, by their Kconfig symbols, and system calls that some kernels do not have. */
const FEATURES = {
  /** mm/Kconfig: depends on ARCH_HAS_PTE_DEVMAP. */
  ZONE_DEVICE: ({ pteDevmap }: Profile) => pteDevmap,
  PT_RECLAIM: ({ ptReclaim }: Profile) => ptReclaim,
  PER_VMA_LOCK: ({ perVmaLock }: Profile) => perVmaLock,
  HAVE_FAST_GUP: ({ fastGup }: Profile) => fastGup,
  /** Without it GUP-fast follows huge entries only. */
  ARCH_HAS_PTE_SPECIAL: ({ pteSpecial }: Profile) => pteSpecial,
  /** Where the CPU has huge pages too: has_transparent_hugepage(). */
  TRANSPARENT_HUGEPAGE: ({ thp }: Profile) => thp,
  ARCH_SUPPORTS_NUMA_BALANCING: ({ numaBalancing }: Profile) => numaBalancing,
  BROADCAST_TLB_FLUSH: ({ since }: Profile) => since?.by === 'BROADCAST_TLB_FLUSH',
  RISCV_ISA_SVRSW60T59B: ({ since }: Profile) => since?.by === 'RISCV_ISA_SVRSW60T59B',
  HAVE_ARCH_USERFAULTFD_WP: ({ userfaultfdWp }: Profile) => userfaultfdWp,
  MADV_GUARD: (_: Profile, kernel: KernelName) => isSince(kernel, '7.2'),
  UFFDIO_MOVE: (_: Profile, kernel: KernelName) => isSince(kernel, '6.12'),
} as const

export type Feature = keyof typeof FEATURES

export const featureNames = Object.keys(FEATURES)

/** An architecture was asked for what it does not have. */
export function featureAbsent(arch: string, missing: readonly Feature[], kernel: KernelName = DEFAULT_KERNEL): UserError {
  const have = profileNames.filter((name) => lackingFeatures(missing, name, kernel).length === 0)
  if (have.length > 0) return new UserError('absent', `${arch} has no ${missing.join(', ')}`, `these have it: ${have.join(', ')}`)
  const since = kernelNames.filter((other) => lackingFeatures(missing, arch, other).length === 0)
  return new UserError('absent', `${arch} has no ${missing.join(', ')} on ${kernel}`, since.length > 0 ? `try --kernel ${since.at(-1)!}` : 'no kernel has it there')
}

/** What the race is about and this architecture does not have. */
export const missingFeatures = ({ needs = [] }: Race, arch: string, kernel?: KernelName): readonly Feature[] => lackingFeatures(needs, arch, kernel)

/** What a profile that there is on later kernels only wants. */
const newerFeature = (arch: string): readonly Feature[] => {
  const since = profileSince(arch)
  return since ? [since.by] : []
}

/** Of these, what an architecture does not have. */
export function lackingFeatures(needs: readonly Feature[], arch: string, kernel: KernelName = DEFAULT_KERNEL): readonly Feature[] {
  const profile = profileByName(arch, kernel)
  if (!profile) return newerFeature(arch)
  return needs.filter((feature) => !FEATURES[feature](profile, kernel))
}
