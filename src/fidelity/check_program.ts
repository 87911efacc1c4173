import { compareProgram, type Comparison } from './compare.js'
import { type History, otherHistory } from './history.js'
import type { Program } from './program.js'
import { runProgram } from './run_program.js'
import type { System } from './system.js'
import { Tally } from './tally.js'

/** Times a program is run again because it must have found other traces of earlier programs. */
const ATTEMPTS = 12

/**
 * Runs a program on the model and compares. What earlier programs left behind is as the one before left it, or as the
 * recording shows.
 */
export const checkProgram = (system: System, program: Program, total: Tally): Comparison => {
  let history: History | undefined = system.zeroPageHistory()
  let best: { comparison: Comparison; tally: Tally } | undefined
  for (let i = 0; i < ATTEMPTS && history; i++) {
    const tally = new Tally()
    const comparison: Comparison = compareProgram(program, runProgram(system, program, history), tally)
    if (!best || comparison.agreed > best.comparison.agreed) best = { comparison, tally }
    history = otherHistory(system, comparison, history)
  }
  total.add(best!.tally)
  return best!.comparison
}
