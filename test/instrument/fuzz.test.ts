import { array, assert, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import * as runtime from '../../src/engine/model/at.js'
import type { Call } from '../../src/engine/model/fn.js'
import { atomic, load, type Step, store, type Steps, until } from '../../src/engine/model/step.js'
import { InstrumentError } from '../../src/instrument/error.js'
import { instrument } from '../../src/instrument/instrument.js'
import { Automaton, describeStep, type Node } from './automaton.js'
import { programFrom } from './programs.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500)
const BRANCHES = 5
const STEPS = 25

const library = {
  load, store, atomic, until,
  sum: (...values: number[]): number => values.reduce((a, b) => a + b, 0) % 3,
  made: (value: number) => atomic('made', () => value * 2),
  /** A generator that the transform has not seen. */
  * plain(value: number): Generator<Step<number>, number, number> {
    const seen: number = yield load(value as never)
    yield load(0 as never)
    return (seen + value) % 3
  },
}

const evaluate = <T>(code: string): T => {
  const local = code.replace(/^import \{(.*)\} from "runtime";/, (_, names: string) =>
    `const {${names.replaceAll(' as ', ': ')}} = runtime;`)
  const make = new Function('runtime', ...Object.keys(library), `'use strict'; ${local}; return f0`)
  return make(runtime, ...Object.values(library)) as T
}

/** The state of `f0` after these observations, with delegation instead of frames: its step, or how it ended. */
const native = (f0: (...args: number[]) => Steps<unknown>, seen: readonly unknown[]): string => {
  const generator = f0(0, 1)[Symbol.iterator]() as Generator<Step<unknown>>
  try {
    let turn = generator.next()
    for (const value of seen) turn = generator.next(value as never)
    return turn.done ? `returned ${String(turn.value)}` : describeStep(turn.value)
  } catch (error) {
    if (error instanceof Error) throw error
    return `threw ${String(error)}`
  }
}

const compare = (source: string): { states: number; histories: number } | undefined => {
  let instrumented: (...args: number[]) => Call<unknown>
  try {
    instrumented = evaluate(instrument(source, { filename: '/fuzz.js', typescript: false, runtime: 'runtime' }).code)
  } catch (error) {
    if (error instanceof InstrumentError && error.problem.includes('changes in an expression')) return undefined
    throw error
  }
  const original = evaluate<(...args: number[]) => Steps<unknown>>(source)
  const automaton = new Automaton()
  let histories = 0
  const visit = (node: Node, seen: readonly unknown[], branches: number): void => {
    histories++
    const learned = node.step ? describeStep(node.step) : node.result
    const real = native(original, seen)
    if (learned !== real) throw new Error(`after ${JSON.stringify(seen)}: ${learned} instead of ${real}\n${source}`)
    if (!node.step || seen.length === STEPS || branches === BRANCHES) return
    const splits = node.step.kind === 'load' || node.step.kind === 'until'
    const answers = splits ? [0, 1, 2] : node.step.kind === 'atomic' ? [node.step.apply({} as never, 0)] : [undefined]
    for (const value of answers) visit(automaton.feed(node, value), [...seen, value], branches + (splits ? 1 : 0))
  }
  visit(automaton.start(instrumented(0, 1)), [], 0)
  return { states: automaton.nodes.size, histories }
}

it('does what the original does, from every state that it takes for the same', () => {
  let [accepted, states, histories] = [0, 0, 0]
  assert(property(array(nat(999), { minLength: 30, maxLength: 200 }), (tape) => {
    const result = compare(programFrom(tape))
    if (!result) return
    accepted++
    states += result.states
    histories += result.histories
  }), { numRuns: RUNS, ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) })
  expect(accepted).toBeGreaterThan(RUNS / 2)
  expect(states).toBeLessThan(histories)
  if (process.env['FUZZ_RUNS']) console.log({ accepted, states, histories })
})
