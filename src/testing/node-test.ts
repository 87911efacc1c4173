// `mmrace/node-test`: assertions and a suite for node:test (docs/library.md).
import { AssertionError } from 'node:assert'
import { describe, test } from 'node:test'
import type { CheckOptions } from '../library/check-race.js'
import { type Claim, claimHolds, claimViolates, type RaceLike } from './claims.js'
import { raceSuite, type SuiteOptions } from './suite.js'

export type { SuiteOptions } from './suite.js'

/** Nothing is violated in any interleaving, and what the race is about happens in some. The variant is `fixed`, unless another is named. */
export const assertHolds = async (race: RaceLike, options?: CheckOptions): Promise<void> => asserted(await claimHolds(race, options))

/** The oracle is violated in some interleaving. The variant is `bug`, where the race declares one, unless another is named. */
export const assertViolates = async (race: RaceLike, oracle: string, options?: CheckOptions): Promise<void> =>
  asserted(await claimViolates(race, oracle, options))

function asserted({ is, message }: Claim): void {
  if (!is) throw new AssertionError({ message })
}

/** A test of every race that a pattern names × variant × kernel × profile: the verdict is what the race says. */
export function mmraceSuite(files: string | readonly string[], options: SuiteOptions = {}): void {
  raceSuite(files, options, {
    describe: (name, body) => void describe(name, body),
    test: (name, timeout, body) => void test(name, { timeout }, body),
  })
}
