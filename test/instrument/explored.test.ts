import { array, assert, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import { check, Memory, ModelError, type Steps } from '../../src/engine/index.js'
import { evaluate, instrumented } from './library.js'
import { programFrom } from './programs.js'

const RUNS = Number(process.env['EXPLORED_RUNS'] ?? 150)
const STATES = 20_000

type Thread = (id: number) => Steps<unknown>

interface Explored {
  readonly verdict: string
  /** Oracles violated. */
  readonly oracles: readonly string[]
  /** The shared state at the end of runs that violate nothing. */
  readonly ends: readonly string[]
  readonly states: number
}

const explored = (thread: Thread, threads: number, reduce: boolean): Explored => {
  const memory = new Memory()
  const cells = memory.cells('cell', 3 + threads)
  const ends = new Set<string>()
  const result = check({
    memory,
    threads: Array.from({ length: threads }, (_, id) => ({ name: `t${id}`, body: () => thread(id) })),
    atEnd: (access) => void ends.add(cells.map((cell) => access.get(cell)).join()),
  }, { reduce, all: true, states: STATES })
  const oracles = result.verdict === 'violated' ? result.found.map(({ violation }) => violation.oracle).toSorted() : []
  return { verdict: result.verdict, oracles, ends: [...ends].toSorted(), states: result.stats.states }
}

/** What exploring gives, or that the model code threw. */
const outcome = (thread: Thread, threads: number, reduce: boolean): Explored | 'threw' => {
  try {
    return explored(thread, threads, reduce)
  } catch (error) {
    if (error instanceof ModelError && error.code === 'threw') return 'threw'
    throw error
  }
}

it('has the same verdicts and ends as history, in no more states', () => {
  const total = { compared: 0, threw: 0, violated: 0, history: 0, exact: 0 }
  assert(property(array(nat(999), { minLength: 20, maxLength: 90 }), (tape) => {
    const source = `${programFrom(tape, { closed: true })}
      function* thread(id) { yield* store(3 + id, yield* f0(id, 1)) }`
    const code = instrumented(source)
    if (code === undefined) return
    const threads = 2 + (tape[0]! % 2)
    const history = outcome(evaluate(source, 'thread'), threads, false)
    if (history !== 'threw' && history.states >= STATES) return
    total.compared++
    const exact = outcome(evaluate(code, 'thread'), threads, false)
    const reduced = outcome(evaluate(code, 'thread'), threads, true)
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
  }), { numRuns: RUNS, ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) })
  expect(total.compared).toBeGreaterThan(RUNS / 3)
  if (process.env['EXPLORED_RUNS']) console.log(total)
})
