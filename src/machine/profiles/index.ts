import { UserError } from '../../engine/errors.js'
import { nearestHint } from '../../engine/nearest.js'
import { shown } from '../../engine/shown.js'
import { DEFAULT_KERNEL, isSince, type KernelName, onKernel } from '../kernels.js'
import type { Profile, ProfileFacts } from '../profile.js'
import { arm64 } from './arm64.js'
import { arm64SwDirty } from './arm64-sw-dirty.js'
import { generic, genericNoFastGup, genericNoSpecial } from './generic.js'
import { loongarch64 } from './loongarch64.js'
import { ppc64Hash } from './ppc64-hash.js'
import { ppc64Radix } from './ppc64-radix.js'
import { riscv64 } from './riscv64.js'
import { riscv64Svrsw60t59b } from './riscv64-svrsw60t59b.js'
import { s390 } from './s390.js'
import { sh } from './sh.js'
import { x86Invlpgb } from './x86-invlpgb.js'
import { x86Native } from './x86-native.js'
import { x86Pae } from './x86-pae.js'
import { x86Pv } from './x86-pv.js'

/** In the order of the matrix. */
const architectures: readonly ProfileFacts[] = [
  x86Native, x86Pv, x86Pae, x86Invlpgb, arm64, arm64SwDirty, ppc64Radix, ppc64Hash, s390, riscv64, riscv64Svrsw60t59b, loongarch64, sh,
  generic, genericNoSpecial, genericNoFastGup,
]

/** Every architecture as it is on a kernel, in the order of the matrix. */
export const profilesOn = (kernel: KernelName = DEFAULT_KERNEL): readonly Profile[] =>
  architectures.filter(({ since }) => !since || isSince(kernel, since.kernel)).map((facts) => onKernel<Profile>(facts, kernel))

/** On one kernel or another. */
export const profileNames: readonly string[] = architectures.map(({ name }) => name)

/** What supports the profile since when; undefined: all kernels do. */
export const profileSince = (name: string): Profile['since'] => architectures.find((profile) => profile.name === name)?.since

/** The profile of this name on a kernel, or undefined. */
export const profileByName = (name: string, kernel: KernelName = DEFAULT_KERNEL): Profile | undefined =>
  profilesOn(kernel).find((profile) => profile.name === name)

/** The profile of this name as it is by default, or on the first kernel that has it. */
export const profileAtFirst = (name: string): Profile | undefined => profileByName(name, profileSince(name)?.kernel)

/** The profile of this name on a kernel. One clear message if there is none. */
export function profileOn(name: string, kernel: KernelName = DEFAULT_KERNEL): Profile {
  const profile = profileByName(name, kernel)
  if (profile) return profile
  const since = profileSince(name)
  if (since) throw new UserError('profile-too-new', `${kernel} has no ${name}`, `${since.by} is there since ${since.kernel}: --kernel ${since.kernel}`)
  throw new UserError('unknown-profile', `there is no profile ${shown(name)}`, nearestHint(name, profileNames, `the profiles are ${profileNames.join(', ')}`))
}
