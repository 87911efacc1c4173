import { array, assert, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import { type Cell, Memory } from '../../src/engine/model/memory.js'
import { Sequential, StuckError } from '../../src/engine/model/sequential.js'
import type { Steps } from '../../src/engine/model/step.js'
import { evaluate, instrumented } from './library.js'
import { programFrom } from './programs.js'

const RUNS = Number(process.env['PLAIN_RUNS'] ?? 100)

type F0 = (...args: number[]) => Steps<unknown>

/** How a program ends that runs alone, and what it leaves in its cells. */
const alone = (f0: F0): { end: string; cells: readonly number[]; violations: readonly unknown[] } => {
  const memory = new Memory()
  memory.cells('cell', 3)
  const run = new Sequential(memory)
  const ended = (): string => {
    try {
      return `returned ${String(run.run(f0(0, 1)))}`
    } catch (error) {
      if (error instanceof Error && !(error instanceof StuckError)) throw error
      return `threw ${String(error)}`
    }
  }
  return { end: ended(), cells: [...run.state], violations: run.violations }
}

it('does in its plain form what the original does, step by step', () => {
  let accepted = 0
  const ends = new Set<string>()
  assert(property(array(nat(999), { minLength: 30, maxLength: 200 }), (tape) => {
    const source = programFrom(tape, { closed: true })
    const code = instrumented(source)
    if (code === undefined) return
    accepted++
    const original = alone(evaluate<F0>(source, 'f0'))
    expect(alone(evaluate<F0>(code, 'f0')), source).toEqual(original)
    ends.add(original.end.split(' ')[0]!)
  }), { numRuns: RUNS, ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) })
  expect(accepted).toBeGreaterThan(RUNS / 2)
  expect(ends).toEqual(new Set(['returned', 'threw']))
})

it('takes a step that was made before, and a generator that the transform has not seen', () => {
  const memory = new Memory()
  const x = memory.cell('x', 2)
  const code = instrumented(`
    const steps = { before: load(0) }
    function* made(step) { return yield* step }
    function* f0() { return [yield* made(steps.before), yield* steps.before, yield* plain(0), yield* nothing()] }
    function* nothing() { return 7 }`)!
  expect(new Sequential(memory).run(evaluate<F0>(code, 'f0')())).toEqual([2, 2, 2, 7])
  expect(x satisfies Cell).toBe(0)
})
