import type { Profile } from '../profile.js'
import { arm64 } from './arm64.js'
import { generic, genericNoFastGup, genericNoSpecial } from './generic.js'
import { ppc64Hash } from './ppc64-hash.js'
import { ppc64Radix } from './ppc64-radix.js'
import { s390 } from './s390.js'
import { x86Native } from './x86-native.js'
import { x86Pae } from './x86-pae.js'
import { x86Pv } from './x86-pv.js'

/** Every profile, in the order of the matrix. */
export const profiles: readonly Profile[] = [
  x86Native, x86Pv, x86Pae, arm64, ppc64Radix, ppc64Hash, s390, generic, genericNoSpecial, genericNoFastGup,
]

/** The profile of this name, or undefined. */
export const profileByName = (name: string): Profile | undefined => profiles.find((p) => p.name === name)
