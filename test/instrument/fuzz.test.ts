import { array, assert, nat, property } from 'fast-check'
import { expect, it } from 'vitest'
import type { Call } from '../../src/engine/model/fn.js'
import type { Step, Steps } from '../../src/engine/model/step.js'
import { Automaton, describeStep, type Node } from './automaton.js'
import { evaluate, instrumented } from './library.js'
import { programFrom } from './programs.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 500)
const BRANCHES = 5
const STEPS = 25

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
  const code = instrumented(source)
  if (code === undefined) return undefined
  const framed = evaluate<(...args: number[]) => Call<unknown>>(code, 'f0')
  const original = evaluate<(...args: number[]) => Steps<unknown>>(source, 'f0')
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
  visit(automaton.start(framed(0, 1)), [], 0)
  return { states: automaton.nodes.size, histories }
}

it.each([
  ['how a try ends', `
    for (let i = 0; i < 2; i++) {
      try {
        const x = yield* load(0)
        if (x === 0) break
        if (x === 1) continue
      } finally { yield* store(1, 0) }
      yield* store(2, 0)
    }`],
  ['that an error is on its way', `
    try {
      try { if ((yield* load(0)) === 0) throw undefined } finally { yield* store(1, 0) }
      yield* store(2, 0)
    } catch { yield* store(0, 1) }`],
  ['what a closure in a step knows', 'const x = yield* load(0); yield* load(1); yield* atomic("a", () => x)'],
  ['what a maker of steps knows', 'const x = yield* load(0); yield* load(1); yield* made(x)'],
  ['what a generator that is not instrumented knows', 'const x = yield* load(0); yield* load(1); yield* plain(x)'],
  ['the turn of a for-of', 'for (const x of [1, 1, 2]) yield* load(x)'],
])('tells %s', (_what, body) => {
  expect(compare(`function* f0() { ${body} }`)).toBeDefined()
})

it('closes loops', () => {
  const code = instrumented('function* f0() { let x; while ((x = yield* load(0)) !== 0) yield* store(1, x) }')!
  const automaton = new Automaton()
  let node = automaton.start(evaluate<() => Call<unknown>>(code, 'f0')())
  for (let round = 0; round < 10; round++) for (const value of [1 + (round % 2), undefined]) node = automaton.feed(node, value)
  expect(automaton.nodes.size).toBe(3)
})

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
