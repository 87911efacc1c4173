// `mmrace/vitest`: matchers and a suite for vitest (docs/library.md).
import { describe, expect, test } from 'vitest'
import type { CheckOptions } from '../library/check-race.js'
import { type Claim, claimHolds, claimViolates, type RaceLike } from './claims.js'
import { raceSuite, type SuiteOptions } from './suite.js'

export type { SuiteOptions } from './suite.js'

interface RaceMatchers {
  /** Nothing is violated in any interleaving, and what the race is about happens in some. The variant is `fixed`, unless another is named. */
  toHold(options?: CheckOptions): Promise<void>
  /** The oracle is violated in some interleaving. The variant is `bug`, where the race declares one, unless another is named. */
  toViolate(oracle: string, options?: CheckOptions): Promise<void>
}

declare module 'vitest' {
  // oxlint-disable-next-line typescript/no-explicit-any, typescript/no-unused-vars -- as vitest declares it
  interface Matchers<T = any> extends RaceMatchers {}
}

const matched = ({ is, message }: Claim) => ({ pass: is, message: () => message })

expect.extend({
  async toHold(race: RaceLike, options?: CheckOptions) {
    return matched(await claimHolds(race, options))
  },
  async toViolate(race: RaceLike, oracle: string, options?: CheckOptions) {
    return matched(await claimViolates(race, oracle, options))
  },
})

/** A test of every race that a pattern names × variant × kernel × profile: the verdict is what the race says. */
export function mmraceSuite(files: string | readonly string[], options: SuiteOptions = {}): void {
  raceSuite(files, options, {
    describe: (name, body) => void describe(name, body),
    test: (name, timeout, body) => void test(name, { timeout }, body),
  })
}
