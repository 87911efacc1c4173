import { array, assert, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import type { Call } from '../../src/engine/model/fn.js'
import { Automaton } from './automaton.js'
import { compare } from './compare.js'
import { evaluate, instrumented } from './library.js'
import { programFrom } from './programs.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500)
it.each([
  ['how a try ends', `
    for (let i = 0; i < 2; i++) {
      try {
        const x = yield* load(0)
        if (x === 0) break
        if (x === 1) continue
      } finally { yield* store(1, 0) }
      yield* store(2, 0)
    }`],
  ['that an error is on its way', `
    try {
      try { if ((yield* load(0)) === 0) throw undefined } finally { yield* store(1, 0) }
      yield* store(2, 0)
    } catch { yield* store(0, 1) }`],
  ['what a closure in a step knows', 'const x = yield* load(0); yield* load(1); yield* atomic("a", () => x)'],
  ['what a maker of steps knows', 'const x = yield* load(0); yield* load(1); yield* made(x)'],
  ['what a generator that is not instrumented knows', 'const x = yield* load(0); yield* load(1); yield* plain(x)'],
  ['the turns of a for-of in a for-of', 'for (const x of [0, 1]) for (const y of [1, 1, 2]) yield* load(y)'],
  ['what was taken from a list', 'const list = [yield* load(0), yield* load(1)]; yield* load(list.pop() + (yield* load(0)))'],
  ['what a step was made from', 'const list = [yield* load(0), yield* load(1)]; yield* made(list.pop())'],
  ['the turn of a for-in', 'for (const x in [1, 1, 2]) yield* load(0)'],
  ['the turn of a for-of', 'for (const x of [1, 1, 2]) yield* load(x)'],
])('tells %s', (_what, body) => {
  expect(compare(`function* f0() { ${body} }`)).toBeDefined()
})

it('closes loops', () => {
  const code = instrumented('function* f0() { let x; while ((x = yield* load(0)) !== 0) yield* store(1, x) }')!
  const automaton = new Automaton()
  let node = automaton.start(evaluate<() => Call<unknown>>(code, 'f0')())
  for (let round = 0; round < 10; round++) for (const value of [1 + (round % 2), undefined]) node = automaton.feed(node, value)
  expect(automaton.nodes.size).toBe(3)
})

it('does what the original does, from every state that it takes for the same', () => {
  let [accepted, states, histories] = [0, 0, 0]
  assert(property(array(nat(999), { minLength: 30, maxLength: 200 }), (tape) => {
    const result = compare(programFrom(tape))
    if (!result) return
    accepted++
    states += result.states
    histories += result.histories
  }), { numRuns: RUNS, ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) })
  expect(accepted).toBeGreaterThan(RUNS / 2)
  expect(states).toBeLessThan(histories)
  if (process.env['FUZZ_RUNS']) console.log({ accepted, states, histories })
})
