import { compareProgram, type Comparison, type Tally } from './compare.js'
import { type History, otherHistory } from './history.js'
import type { Program } from './program.js'
import { runProgram } from './run_program.js'
import type { System } from './system.js'

/** Times a program is run again because it must have found other traces of earlier programs. */
const ATTEMPTS = 12

interface Attempt {
  readonly comparison: Comparison
  readonly values: readonly (readonly [field: string, agrees: boolean])[]
  readonly operations: readonly (readonly [name: string, agrees: boolean])[]
}

const attempt = (system: System, program: Program, history: History): Attempt => {
  const values: [string, boolean][] = []
  const operations: [string, boolean][] = []
  const comparison = compareProgram(program, runProgram(system, program, history), {
    value: (field, agrees) => values.push([field, agrees]),
    operation: (name, agrees) => operations.push([name, agrees]),
  })
  return { comparison, values, operations }
}

/**
 * Runs a program on the model and compares. What earlier programs left behind is as the one before left it, or as the
 * recording shows.
 */
export const checkProgram = (system: System, program: Program, each: { value: Tally; operation: Tally }): Comparison => {
  let history: History | undefined = system.zeroPageHistory()
  let best: Attempt | undefined
  for (let i = 0; i < ATTEMPTS && history; i++) {
    const tried = attempt(system, program, history)
    if (!best || tried.comparison.agreed > best.comparison.agreed || tried.comparison.agreed === program.prog.length) best = tried
    history = otherHistory(system, tried.comparison, history)
  }
  for (const [field, agrees] of best!.values) each.value(field, agrees)
  for (const [name, agrees] of best!.operations) each.operation(name, agrees)
  return best!.comparison
}
