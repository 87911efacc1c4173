import { array, assert, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import type { Result } from '../../src/engine/search/result.js'
import { fairCycle, livelocks, oraclesOf, reachedIn } from './answers.js'
import { loopPlanFrom } from './loop-programs.js'
import { programOf } from './programs.js'
import { reference } from './reference.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 100)
const SEED = process.env['FUZZ_SEED']
const REDUCTIONS = [true, false, { symmetry: false }, { sleep: false }, { persistent: false }]

const found = (result: Result): string[] => (result.verdict === 'violated' ? result.found.map((f) => f.violation.oracle) : [])

it('reductions keep what can be found in programs that are mostly loops', () => {
  let [compared, looping, cycling] = [0, 0, 0]
  assert(property(array(nat(9999), { minLength: 10, maxLength: 60 }), (numbers) => {
    const plan = loopPlanFrom(numbers)
    const states = reference(programOf(plan, true), 400)
    if (!states) return
    compared++
    const trapped = livelocks(states)
    if (!trapped) looping++
    const fair = fairCycle(states, (thread) => programOf(plan, true).threads[thread]!.endless ?? false)
    if (fair) cycling++
    const wanted = { found: [...oraclesOf(states), ...(trapped ? ['livelock'] : [])].toSorted(), reached: [...reachedIn(states)].toSorted() }
    for (const reduce of REDUCTIONS) {
      const all = check(programOf(plan, true), { reduce, all: true })
      expect({ found: found(all).toSorted(), reached: all.stats.reached.toSorted() }).toEqual(wanted)
      if (!trapped) expect('fair' in all, JSON.stringify(reduce)).toBe(fair)
    }
    expect(check(programOf(plan, true)).verdict).toBe(wanted.found.length > 0 ? 'violated' : 'holds')
  }), { numRuns: RUNS, ...(SEED && { seed: Number(SEED) }) })
  if (process.env['FUZZ_RUNS']) console.log({ compared, looping, cycling })
  expect(compared).toBeGreaterThan(RUNS / 2)
  expect(looping).toBeGreaterThan(RUNS / 8)
  expect(cycling).toBeGreaterThan(0)
})
