import * as runtime from '../../src/engine/model/at.js'
import type { Cell } from '../../src/engine/model/memory.js'
import { atomic, load, type Step, store, until } from '../../src/engine/model/step.js'
import { InstrumentError } from '../../src/instrument/error.js'
import { instrument } from '../../src/instrument/instrument.js'

const cell = (value: number): Cell => (Math.abs(value | 0) % 3) as Cell

/** What the programs of programs.ts call. */
const library = {
  load, atomic, until, cell,
  store: (of: Cell, value: number) => store(of, value | 0),
  sum: (...values: number[]): number => values.reduce((a, b) => a + b, 0) % 3,
  made: (value: number) => atomic('made', () => value * 2),
  check: (cell: Cell, wrong: number) => atomic('check', (m) => {
    if (m.get(cell) === wrong) m.violate(`not ${wrong}`, `cell ${cell} is ${wrong}`)
  }),
  /** A generator that the transform has not seen. */
  * plain(value: number): Generator<Step<number>, number, number> {
    const seen: number = yield load(cell(value))
    yield load(cell(0))
    return (seen + value) % 3
  },
}

/** The value of `name` after running the source, instrumented or as it is. */
export const evaluate = <T>(code: string, name: string): T => {
  const local = code.replace(/^import \{(.*)\} from "runtime";/, (_, names: string) =>
    `const {${names.replaceAll(' as ', ': ')}} = runtime;`)
  const make = new Function('runtime', ...Object.keys(library), `'use strict'; ${local}; return ${name}`)
  return make(runtime, ...Object.values(library)) as T
}

/** Undefined where the program has an expression that has to be refused. */
export const instrumented = (source: string): string | undefined => {
  try {
    return instrument(source, { filename: '/fuzz.js', typescript: false, runtime: 'runtime' }).code
  } catch (error) {
    if (error instanceof InstrumentError && error.problem.includes('changes in an expression')) return undefined
    throw error
  }
}
