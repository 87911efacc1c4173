import type { Change } from '../kernel/changes/change.js'
import { changesOf, type KernelChanges } from '../kernel/changes/changes_of.js'
import { DEFAULT_KERNEL } from '../machine/kernels.js'
import type { Conditions } from '../race/boot.js'

/** A kernel to hunt on. */
export interface HuntedKernel extends Pick<Conditions, 'kernel' | 'revert' | 'apply'> {
  /** Changes of a user's own, which `apply` may name. */
  readonly changes?: readonly Change[]
}

/** What tells it from others, as text. */
export const kernelKey = ({ kernel = DEFAULT_KERNEL, revert = [], apply = [] }: HuntedKernel): string =>
  [kernel, ...revert.map((id) => `-${id}`), ...apply.map((id) => `+${id}`)].join()

/** All that it is made of. */
export const kernelChanges = ({ kernel = DEFAULT_KERNEL, changes = [], ...difference }: HuntedKernel): KernelChanges =>
  changesOf(kernel, { ...difference, own: changes })
