import { type Arbitrary, array, assert, constantFrom, nat, property, tuple } from 'fast-check'
import { expect, it } from 'vitest'
import { outcome, type Thread } from './explored.js'
import { evaluate, instrumented } from './library.js'
import { KINDS, nestingOf } from './nestings.js'
import { programFrom } from './programs.js'

const RUNS = Number(process.env['EXPLORED_RUNS'] ?? 100)
const STATES = 20_000

/** Two or three threads that run `f0`, by site and live values and by history. */
function compareAll(runs: number, sources: Arbitrary<readonly [source: string, threads: number]>): void {
  const total = { compared: 0, threw: 0, violated: 0, history: 0, exact: 0 }
  assert(property(sources, ([functions, threads]) => {
    const source = `${functions}
      function* thread(id) { yield* store(3 + id, yield* f0(id, 1)) }`
    const code = instrumented(source)
    if (code === undefined) return
    const run = (text: string, reduce: boolean) => outcome(evaluate<Thread>(text, 'thread'), threads, reduce, STATES)
    const history = run(source, false)
    if (history !== 'threw' && history.states >= STATES) return
    total.compared++
    const exact = run(code, false)
    const reduced = run(code, true)
    if (history === 'threw' || exact === 'threw' || reduced === 'threw') {
      total.threw++
      expect([exact === 'threw', reduced === 'threw'], source).toEqual([history === 'threw', history === 'threw'])
      return
    }
    if (history.verdict === 'violated') total.violated++
    total.history += history.states
    total.exact += exact.states
    const { states, ...same } = history
    expect(exact, source).toMatchObject(same)
    expect(exact.states, source).toBeLessThanOrEqual(states)
    expect(reduced.verdict, source).toBe(history.verdict)
    if (history.verdict !== 'violated') expect(reduced.ends, source).toEqual(history.ends)
  }), { numRuns: runs, ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) })
  expect(total.compared).toBeGreaterThan(runs / 3)
  if (process.env['EXPLORED_RUNS']) console.log(total)
}

const tape = array(nat(999), { minLength: 20, maxLength: 90 })

it('has the same verdicts and ends as history, in no more states', () => {
  compareAll(RUNS, tape.map((text) => [programFrom(text, { closed: true }), 2 + (text[0]! % 2)] as const))
})

it('also with lists and objects that change, in statements of all kinds', () => {
  const kinds = array(constantFrom(...KINDS), { minLength: 1, maxLength: 2 })
  compareAll(RUNS / 2, tuple(kinds, tape).map(([nested, text]) => [nestingOf(nested, text), 2] as const))
})
