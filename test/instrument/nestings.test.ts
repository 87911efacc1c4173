import { array, assert, constantFrom, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import { compare } from './compare.js'
import { KINDS, nestingOf } from './nestings.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 60)
const seed = process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }

it('kinds of statements in each other do what the original does', () => {
  let [accepted, all, states, histories] = [0, 0, 0, 0]
  for (const [i, outer] of KINDS.entries()) {
    for (const [j, inner] of KINDS.entries()) {
      // A third of the pairs; all of them outside CI.
      if (RUNS < 100 && (i + j) % 3 > 0) continue
      for (let tape = 0; tape < Math.max(1, RUNS / 400); tape++) {
        all++
        const source = nestingOf([outer, inner], Array.from({ length: 60 }, (_, i) => Math.imul(i + 7 * tape + outer.length + 31 * inner.length, 0x9e3779b1) >>> 16))
        const result = compare(source, { branches: 3, steps: 12 })
        if (!result) continue
        accepted++
        states += result.states
        histories += result.histories
      }
    }
  }
  expect(accepted).toBeGreaterThan(0.9 * all)
  expect(states).toBeLessThan(histories)
})

it('so do random ones, three deep', () => {
  let accepted = 0
  const kind = constantFrom(...KINDS)
  assert(property(array(kind, { minLength: 1, maxLength: 3 }), array(nat(999), { minLength: 10, maxLength: 80 }), (kinds, tape) => {
    if (compare(nestingOf(kinds, tape), { branches: 4, steps: 15 })) accepted++
  }), { numRuns: RUNS, ...seed })
  expect(accepted).toBeGreaterThan(0.8 * RUNS)
})
