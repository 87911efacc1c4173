import { array, assert, boolean, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { check, type ExploreOptions } from '../../src/engine/search/explore.js'
import { replay } from '../../src/engine/search/replay.js'
import type { Result } from '../../src/engine/search/result.js'
import type { Program } from '../../src/engine/program.js'
import { cheapest, costOf, livelocks, oraclesOf, reachedIn, shortest } from './answers.js'
import { type Plan, planFrom, programOf, withoutSymmetry } from './programs.js'
import { reference, type State } from './reference.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200)
const MOST = 1500
/** Every way of switching reductions on and off. */
const REDUCTIONS = [false, ...[0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  persistent: (bits & 1) === 0, sleep: (bits & 2) === 0, symmetry: (bits & 4) === 0,
}))]

const found = (result: Result): string[] => (result.verdict === 'violated' ? result.found.map((f) => f.violation.oracle) : [])

/** Every run found must do again what it was found for. */
function replays(program: Program, result: Result): void {
  if (result.verdict !== 'violated') return
  for (const { violation, schedule, loop } of result.found) {
    const run = replay(new Loaded(program), schedule)
    expect(run.steps).toHaveLength(schedule.length)
    if (loop === undefined) expect(run.violation?.oracle).toBe(violation.oracle)
    else expect(run.cells.at(-1)).toEqual(run.cells.at(-1 - loop))
  }
}

function compare(program: Program, states: readonly State[]): void {
  const run = (options: ExploreOptions): Result => {
    const result = check(program, options)
    replays(program, result)
    return result
  }
  const oracles = [...oraclesOf(states)].toSorted()
  const verdict = oracles.length > 0 || livelocks(states) ? 'violated' : 'holds'
  const plain = check(withoutSymmetry(program), { reduce: false, all: true })
  expect({ states: plain.stats.states, transitions: plain.stats.transitions })
    .toEqual({ states: states.length, transitions: states.flatMap((s) => s.edges).length })
  const exact = check(withoutSymmetry(program), { reduce: false, all: true, exact: true })
  expect({ ...exact.stats, bytes: 0, omission: 0 }).toEqual({ ...plain.stats, bytes: 0, omission: 0 })
  expect(run({ exact: true, all: true }).verdict).toBe(verdict)
  for (const reduce of REDUCTIONS) {
    const all = run({ reduce, all: true })
    expect(all.verdict).toBe(verdict)
    const wanted = livelocks(states) ? [...oracles, 'livelock'].toSorted() : oracles
    expect(found(all).toSorted()).toEqual(wanted)
    expect(all.stats.reached.toSorted()).toEqual([...reachedIn(states)].toSorted())
    expect(run({ reduce }).verdict).toBe(verdict)
  }
  if (oracles.length > 0) {
    const short = run({ strategy: 'shortest' })
    expect(short.verdict === 'violated' && short.found[0].schedule.length).toBe(shortest(states))
    const few = run({ strategy: 'fewest-preemptions' })
    expect(few.verdict === 'violated' && costOf(states, few.found[0].schedule)).toEqual(cheapest(states))
  } else {
    expect(check(program, { strategy: 'shortest' }).verdict).toBe(verdict)
    expect(check(program, { strategy: 'fewest-preemptions' }).verdict).toBe(verdict)
  }
  for (const strategy of ['random', 'pct'] as const) {
    const sampled = run({ strategy, runs: 20, seed: 3, depth: 200 })
    for (const oracle of found(sampled)) expect(oracles).toContain(oracle)
  }
}

const test = (plan: Plan, instrumented: boolean): boolean => {
  const program = programOf(plan, instrumented)
  const states = reference(program, MOST)
  if (!states) return false
  compare(program, states)
  return true
}

const tape = array(nat(9999), { minLength: 10, maxLength: 60 })
const parameters = { numRuns: RUNS, ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) }

it('agrees with the reference on programs without loops', () => {
  let compared = 0
  assert(property(tape, boolean(), (numbers, instrumented) => {
    if (test(planFrom(numbers, false), instrumented)) compared++
  }), parameters)
  expect(compared).toBeGreaterThan(RUNS / 2)
})

it('agrees with the reference on programs with loops', () => {
  let compared = 0
  assert(property(tape, (numbers) => {
    if (test(planFrom(numbers, true), true)) compared++
  }), parameters)
  expect(compared).toBeGreaterThan(RUNS / 2)
})
