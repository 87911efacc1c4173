import { DEFAULT_KERNEL, type KernelName, onKernel } from '../kernels.js'
import type { Profile, ProfileFacts } from '../profile.js'
import { arm64 } from './arm64.js'
import { generic, genericNoFastGup, genericNoSpecial } from './generic.js'
import { ppc64Hash } from './ppc64-hash.js'
import { ppc64Radix } from './ppc64-radix.js'
import { s390 } from './s390.js'
import { x86Native } from './x86-native.js'
import { x86Pae } from './x86-pae.js'
import { x86Pv } from './x86-pv.js'

/** In the order of the matrix. */
const architectures: readonly ProfileFacts[] = [
  x86Native, x86Pv, x86Pae, arm64, ppc64Radix, ppc64Hash, s390, generic, genericNoSpecial, genericNoFastGup,
]

/** Every architecture as it is on a kernel, in the order of the matrix. */
export const profilesOn = (kernel: KernelName = DEFAULT_KERNEL): readonly Profile[] => architectures.map((facts) => onKernel<Profile>(facts, kernel))

export const profileNames: readonly string[] = profilesOn().map(({ name }) => name)

/** The profile of this name on a kernel, or undefined. */
export const profileByName = (name: string, kernel: KernelName = DEFAULT_KERNEL): Profile | undefined =>
  profilesOn(kernel).find((profile) => profile.name === name)
