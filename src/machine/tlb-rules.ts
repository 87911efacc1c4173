import type { Covers } from './stale-words.js'
import { cacheable, cached, covers } from './translation.js'
import type { Profile } from './profile.js'

/** What may be cached, and how exactly that is kept apart. */
export interface TlbRules {
  /** Whether a walk may put the word into a TLB or walk cache. */
  cacheable(word: number): boolean
  /** What of a word is kept. */
  cached(word: number): number
  /** When a stale entry need not be remembered beside another. */
  readonly covers: Covers
  /**
   * The letter of the Arm architecture: a translation, also one that faults, may have been done ahead of the access,
   * until the CPU synchronises its context (ISB, exception entry and return); and what a CPU has written to an entry
   * reaches its own walker with its next DSB, so that a TLBI or ISB before that does not count the write. Kernel code
   * does not depend on the difference: it has the barriers, and retries what faulted.
   */
  readonly ahead: boolean
  /** Whether an access may fault by what is not in the tables any more. With FEAT_ETS2 it may not. */
  readonly staleFaults: boolean
}

/** The rules under which kernel code is explored. */
export const kernelRules = (profile: Profile): TlbRules =>
  ({ cacheable: (word) => cacheable(profile, word), cached, covers, ahead: false, staleFaults: true })
