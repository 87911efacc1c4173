import { describe, expect, test } from 'vitest'
import { barriersNeeded } from '../../src/litmus/barriers/barrier-advice.js'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'
import { isReachable } from '../../src/litmus/reachable.js'
import { boot } from '../../src/race/boot.js'
import type { Race } from '../../src/race/race.js'
import { type RaceTest, raceTests } from '../../src/weak/race-tests.js'
import { groupsOf, weakSummary } from '../../src/weak/weak-text.js'

const known = new Map<string, RaceTest[]>()

async function testsOf(name: string, arch: string): Promise<RaceTest[]> {
  const { default: race } = (await import(`../../races/${name}.ts`)) as { default: Race }
  const tests = known.get(name) ?? raceTests(name, boot(race, { arch }))
  known.set(name, tests)
  return tests
}

/** The tests in which the lanes are at these places, whichever lane comes first. */
const at = (tests: readonly RaceTest[], ...places: readonly string[]): RaceTest[] =>
  tests.filter(({ lanes }) => places.every((place) => lanes.some((lane) => lane.includes(place))))

/** The critical cycles of the tests in races/litmus that were written by hand, and what these say. */
describe('the cycle of a test that was written by hand is found in its race, with its verdict', () => {
  test.each([
    ['switch-mm-vs-flush', 'x86-native', 'pte = ptep_get_and_clear(ptep) ... mm_cpumask(mm)', 'set CPU in mm_cpumask(next) ... ST 0 = 1', true],
    ['reclaim-vs-direct-io', 'arm64', 'pte = ptep_get_and_clear(ptep) ... folio_ref_count(folio)', 'folio_ref_try_add_rcu(1) ... pte == *ptep?', true],
    // The reference is dropped with a full barrier, and the read of the flags comes after one: neither alone is needed.
    ['reclaim-vs-direct-io', 'arm64', 'folio_ref_count(folio) ... folio_test_dirty(folio)', 'noop_dirty_folio(folio) ... folio_ref_sub(folio, 1)', false],
    ['dax-truncate-vs-pin', 'arm64', 'pte = ptep_get_and_clear(ptep) ... folio_ref_count(folio)', 'folio_ref_try_add_rcu(1) ... pte == *ptep?', true],
  ] as const)('%s on %s: forbidden by its barriers: %s', async (name, arch, one, other, needed) => {
    const found = at(await testsOf(name, arch), one, other)
    expect(found.length).toBeGreaterThan(0)
    expect(found.map(({ lkmm, tso }) => [lkmm, tso])).toEqual(found.map(() => [false, false]))
    const parsed = parseLitmus(found[0]!.source)
    expect(isReachable(parsed, 'sc')).toBe(false)
    if (needed) expect(barriersNeeded(parsed, 'lkmm').some((barrier) => barrier.needed)).toBe(true)
  })

  test('fork() against GUP-fast: the sequence count orders nothing before the look for pins, but on TSO the lock does', async () => {
    const tests = await testsOf('gup-fast-vs-fork', 'arm64')
    const found = at(tests, 'raw_write_seqcount_begin() ... folio_ref_count(folio)', 'folio_ref_add(folio, 1023) ... read_seqcount_retry()')
    expect(found.some(({ lkmm, tso }) => lkmm === true && tso === false)).toBe(true)
    expect(weakSummary(groupsOf(tests))).toMatch(/^\d+ critical cycles of two lanes: /)
  })
})
