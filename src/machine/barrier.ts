import { note, type Note } from '../engine/model/step.js'

/**
 * Memory barriers, as the kernel writes them. The interleaving search is sequentially consistent: they take no step there, and
 * only say what the litmus tests that are made from a race must have between two accesses (docs/litmus.md).
 */
export const smp_mb = (): Note => note('smp_mb()')
export const smp_rmb = (): Note => note('smp_rmb()')
export const smp_wmb = (): Note => note('smp_wmb()')
export const smp_mb__after_atomic = (): Note => note('smp_mb__after_atomic()')
