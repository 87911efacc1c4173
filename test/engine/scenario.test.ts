import { describe, expect, it } from 'vitest'
import { scenario } from '../../bench/scenario/mmrace.js'
import { check } from '../../src/engine/search/explore.js'

/** States and transitions on which SPIN and TLC agree: [walkers, ptes, with fix, states, transitions]. */
const COUNTS = [
  [1, 1, false, 106, 167],
  [1, 1, true, 91, 144],
  [2, 1, false, 1143, 2670],
  [2, 2, false, 1960, 4658],
  [2, 2, true, 1289, 3100],
  [3, 3, false, 31_618, 99_946],
  [3, 3, true, 15_427, 49_460],
  [4, 4, true, 172_001, 687_940],
] as const

const plain = (...size: Parameters<typeof scenario>) => {
  const program = scenario(...size)
  return { ...program, threads: program.threads.map(({ name, body }) => ({ name, body })) }
}

describe('the benchmark scenario', () => {
  for (const [walkers, ptes, fix, states, transitions] of COUNTS) {
    it(`(${walkers},${ptes}) ${fix ? 'with' : 'without'} fix has ${states} states`, () => {
      const result = check(plain(walkers, ptes, fix), { reduce: false, all: true })
      expect(result.verdict).toBe(fix ? 'holds' : 'violated')
      expect(result.stats).toMatchObject({ states, transitions })
    })
    it(`(${walkers},${ptes}) ${fix ? 'with' : 'without'} fix has the same verdict with reduction`, () => {
      const result = check(plain(walkers, ptes, fix), { all: true })
      expect(result.verdict).toBe(fix ? 'holds' : 'violated')
      if (result.verdict === 'violated') expect(result.found.map((f) => f.violation.oracle)).toEqual(['lost-write'])
      expect(result.stats.states).toBeLessThanOrEqual(states)
    })
  }

  it('has a shortest counterexample of 15 steps', () => {
    const result = check(plain(1, 1, false), { strategy: 'shortest' })
    expect(result.verdict === 'violated' && result.found[0].schedule).toHaveLength(15)
  })
})
