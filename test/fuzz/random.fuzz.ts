import { array, assert, boolean, constantFrom, nat, property } from 'fast-check'
import { it } from 'vitest'
import { loopPlanFrom } from '../engine/loop-programs.js'
import { type Plan, planFrom, programOf, withoutSymmetry } from '../engine/programs.js'
import { reference } from '../engine/reference.js'
import { compare } from '../instrument/compare.js'
import { KINDS, nestingOf } from '../instrument/nestings.js'
import { programFrom } from '../instrument/programs.js'
import { agrees } from './combination.js'

/*
 * Random programs against plain explorers, for as many as FUZZ_PROGRAMS says (50,000), in random combinations of all options; with
 * FUZZ_SEED those of an earlier run. What differs is shrunk to the smallest program that does.
 */
const PROGRAMS = Number(process.env['FUZZ_PROGRAMS'] ?? 50_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const MOST = 400

/** Compares a part of all programs and says how many were compared. */
function compareAll(name: string, part: number, run: (seed: number, runs: number) => { compared: number }): void {
  it(name, () => {
    const runs = Math.round(PROGRAMS * part)
    console.log(`${name}: seed ${SEED}, ${runs} programs`)
    const start = performance.now()
    const { compared } = run(SEED, runs)
    console.log(`${name}: ${compared} compared, ${Math.round((performance.now() - start) / 1000)} s, 0 mismatches`)
  })
}

const tape = array(nat(9999), { minLength: 10, maxLength: 60 })
const numbers = array(nat(1_000_000), { minLength: 3, maxLength: 3 })

/** Programs made of plans, each looked at in three combinations of options. */
const explored = (plan: (tape: readonly number[]) => Plan, plainToo: boolean) => (seed: number, runs: number): { compared: number } => {
  let compared = 0
  assert(property(tape, boolean(), boolean(), numbers, (text, instrumented, alike, combinations) => {
    const made = plan(text)
    const program = () => {
      const whole = programOf(made, instrumented || !plainToo)
      return alike ? whole : withoutSymmetry(whole)
    }
    const states = reference(program(), MOST)
    if (!states) return
    compared++
    for (const number of combinations) agrees(program, states, number)
  }), { seed, numRuns: runs })
  return { compared }
}

compareAll('programs without loops', 0.3, explored((text) => planFrom(text, false), true))
compareAll('programs with loops', 0.2, explored((text) => planFrom(text, true), false))
compareAll('programs that are mostly loops', 0.2, explored(loopPlanFrom, false))

compareAll('statements in statements', 0.2, (seed, runs) => {
  let compared = 0
  const kinds = array(constantFrom(...KINDS), { minLength: 1, maxLength: 4 })
  assert(property(kinds, array(nat(999), { minLength: 10, maxLength: 80 }), (nested, text) => {
    if (compare(nestingOf(nested, text), { branches: 3, steps: 12 })) compared++
  }), { seed, numRuns: runs })
  return { compared }
})

compareAll('expressions and statements of all kinds', 0.1, (seed, runs) => {
  let compared = 0
  assert(property(array(nat(999), { minLength: 30, maxLength: 200 }), (text) => {
    if (compare(programFrom(text), { branches: 4, steps: 20 })) compared++
  }), { seed, numRuns: runs })
  return { compared }
})
