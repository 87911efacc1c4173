import { compareProgram, type Comparison, type Tally } from './compare.js'
import type { Program } from './program.js'
import { runProgram } from './run_program.js'
import type { System } from './system.js'
import { otherHistory } from './zero_history.js'

/** Times a program is run again because the zero pages must have been otherwise when it started. */
const ATTEMPTS = 4

/** Runs a program on the model and compares. The zero pages are as the program before left them, or as the recording shows. */
export const checkProgram = (system: System, program: Program, each: { value: Tally; operation: Tally }): Comparison => {
  let history: readonly number[] | undefined = system.zeroPages()
  let best: Comparison | undefined
  let values: [string, boolean][] = []
  let ops: [string, boolean][] = []
  for (let i = 0; i < ATTEMPTS && history; i++) {
    const tried: { values: [string, boolean][]; ops: [string, boolean][] } = { values: [], ops: [] }
    system.setZeroPages(history)
    const comparison = compareProgram(program, runProgram(system, program), {
      value: (field, agrees) => tried.values.push([field, agrees]),
      operation: (name, agrees) => tried.ops.push([name, agrees]),
    })
    if (!best || comparison.agreed > best.agreed || comparison.differences.length === 0) {
      best = comparison
      ;({ values, ops } = tried)
    }
    history = otherHistory(comparison, history)
  }
  for (const [field, agrees] of values) each.value(field, agrees)
  for (const [name, agrees] of ops) each.operation(name, agrees)
  return best!
}
