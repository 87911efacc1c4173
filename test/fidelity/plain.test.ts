import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Call } from '../../src/engine/model/fn.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import { runProgram } from '../../src/fidelity/run_program.js'
import { System } from '../../src/fidelity/system.js'
import { randomPrograms, type RandomProgram } from './programs.js'

const RUNS = 15

/** Runs the generators that a search runs, and no plain form of them. */
class Stepwise extends Sequential {
  protected override call({ fn, args }: Call<unknown>): unknown {
    return this.drive(fn.body(...(args as never[])))
  }
}

/** What it reports after each operation, and all cells at the end, as text. */
const record = (system: System, program: RandomProgram): string => {
  const steps = Array.from(runProgram(system, program, new Map()), ({ r, e, v, o, m, k }) => [r, e, v, o, m, k])
  return JSON.stringify(steps) + Buffer.from(system.cells().buffer).toString('base64')
}

it('does the same with its functions run plainly as with their steps taken one by one', () => {
  const [plainly, stepwise] = [new System(), new System(Stepwise)]
  fc.assert(fc.property(randomPrograms(), (program) => {
    expect(record(plainly, program) === record(stepwise, program), program.prog.join('; ')).toBe(true)
  }), { numRuns: RUNS })
}, 120_000)
