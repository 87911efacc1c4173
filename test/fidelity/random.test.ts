import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { operations } from '../../src/fidelity/operations.js'
import { runProgram } from '../../src/fidelity/run_program.js'
import { System } from '../../src/fidelity/system.js'
import { lru_add_drain } from '../../src/kernel/mm/swap/lru_add_drain.js'
import { leaks, wrongCounts } from './counts.js'
import { randomPrograms, type RandomProgram } from './programs.js'

const RUNS = 40
/** Operations between two looks. */
const STRIDE = 6

const system = new System()

const run = (program: RandomProgram): void => {
  let done = 0
  for (const _ of runProgram(system, program, new Map())) {
    done++
    const looked = done % STRIDE === 0 || done === program.prog.length
    if (looked) expect(wrongCounts(system), program.prog.slice(0, done).join('; ')).toEqual([])
  }
  for (const [id, process] of system.processes) {
    operations['exit']!(system, process, [], { name: 'exit', process: id, args: [] })
    system.run(lru_add_drain())
  }
  expect(leaks(system), program.prog.join('; ')).toEqual([])
}

it('random programs leave every count right, and nothing behind', () => {
  fc.assert(fc.property(randomPrograms(), run), { numRuns: RUNS })
}, 120_000)
