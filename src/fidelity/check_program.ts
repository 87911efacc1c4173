import { compareProgram, type Comparison, type Difference, type Tally } from './compare.js'
import type { Program } from './program.js'
import { runProgram } from './run_program.js'
import type { System } from './system.js'

const others = (flags: string): string => flags.split('|').filter((name) => name && name !== 'REFERENCED').join('|')

/** A difference that is only about PG_referenced: in the names of flags, or their bits. */
const onlyReferenced = ({ field, real, model }: Difference): boolean => {
  if (field === 'page-flags') return (Number.parseInt(real, 16) ^ Number.parseInt(model, 16)) === 0x2
  return field === 'volatile-flags' && others(real) === others(model)
}

/**
 * Runs a program on the model and compares. Whether the zero pages are marked referenced when a program starts is
 * history: the flag outlives programs and toggles with each access through GUP. It starts as the program before left
 * it; where a recording shows that it was otherwise, the program is run again from the other value.
 */
export const checkProgram = (system: System, program: Program, each: { value: Tally; operation: Tally }): Comparison => {
  const values: [string, boolean][] = []
  const ops: [string, boolean][] = []
  const start = system.zeroReferenced()
  const attempt = (referenced: readonly boolean[]): Comparison => {
    values.length = 0
    ops.length = 0
    system.setZeroReferenced(referenced)
    return compareProgram(program, runProgram(system, program), {
      value: (field, agrees) => values.push([field, agrees]),
      operation: (name, agrees) => ops.push([name, agrees]),
    })
  }
  let best = attempt(start)
  for (const flip of [0, 1]) {
    if (best.differences.length === 0 || !best.differences.every(onlyReferenced)) break
    const other = attempt(start.map((was, i) => (i === flip ? !was : was)))
    if (other.agreed > best.agreed || flip === 1) best = other
  }
  for (const [field, agrees] of values) each.value(field, agrees)
  for (const [name, agrees] of ops) each.operation(name, agrees)
  return best
}
