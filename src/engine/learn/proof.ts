import type { Site } from '../model/at.js'
import type { FnInfo } from '../model/fn.js'

interface Count {
  proven: number
  skipped: number
}

const counts = new WeakMap<Site | FnInfo, Count>()

/**
 * Model code must do the same whenever it is run again. Whether it does is found out by running it twice: always at first, later by
 * sampling, so that the second runs of a long loop, each from the start of its function, take no more time than the first.
 */
export const proof = {
  /** Model code from one place on is run twice for so many times, whenever it comes by. Infinity: always. */
  first: 8,
  /** After that, once in so many times, and the less often the more steps the second run would take. */
  seldom: 16,

  /** Whether to run code twice that goes on from a place, or from the start of a function, with so many results before. */
  isDue(from: Site | FnInfo | undefined, results: number): boolean {
    if (proof.first === Infinity || !from) return true
    const count = counts.get(from) ?? { proven: 0, skipped: 0 }
    counts.set(from, count)
    // In a loop there is one result more at each visit: half of them are enough to wait for.
    const wait = results / 2 + (count.proven < proof.first ? -8 : proof.seldom)
    if (count.skipped >= wait) {
      count.proven++
      count.skipped = 0
      return true
    }
    count.skipped++
    return false
  },
}
