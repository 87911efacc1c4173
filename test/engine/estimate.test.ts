import { describe, expect, it } from 'vitest'
import { scenario } from '../../bench/scenario/mmrace.js'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { estimate } from '../../src/engine/search/estimate.js'
import { exhaustive } from '../../src/engine/search/exhaustive.js'
import { check } from '../../src/engine/search/explore.js'

/** [reduce, all states]. */
const CASES = [[false, 172_001], [true, 20_913], [{ sleep: false }, 56_302]] as const

describe('the share of all states that is visited', () => {
  it.each(CASES)('is estimated within a factor of six from a tenth on (%j)', (reduce, all) => {
    for (const share of [0.1, 0.5, 0.9]) {
      const { stats } = check(scenario(4, 4, true), { reduce, all: true, states: Math.round(all * share), estimate: true })
      expect(stats.share! / share).toBeGreaterThan(1 / 6)
      expect(stats.share! / share).toBeLessThan(6)
      expect(stats.share!).toBeLessThanOrEqual(1)
    }
  })

  it('is not told of a search that ended, nor where runs are cut', () => {
    expect(check(scenario(2, 2, true), { estimate: true }).stats.share).toBeUndefined()
    expect(check(scenario(2, 2, true), { estimate: true, depth: 9 }).stats.share).toBeUndefined()
  })

  it('can be asked for on the way, and nothing changes', () => {
    const run = (asked: boolean) => {
      const loaded = new Loaded(scenario(5, 3, true))
      const steps = exhaustive(loaded, { reduce: false })
      for (;;) {
        const turn = steps.next()
        if (turn.done) return turn.value
        if (asked) expect(estimate(loaded, false, 20)).toBeGreaterThan(0)
      }
    }
    expect(run(true)).toEqual(run(false))
  })
})
