import type { Call } from '../../src/engine/model/fn.js'
import type { Step, Steps } from '../../src/engine/model/step.js'
import { Automaton, describeStep, type Node } from './automaton.js'
import { evaluate, instrumented } from './library.js'

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

/** Runs a program in both forms over many observations; throws where they differ. Undefined where it has to be refused. */
export const compare = (source: string, { branches: most = BRANCHES, steps = STEPS } = {}): { states: number; histories: number } | undefined => {
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
    if (!node.step || seen.length === steps || branches === most) return
    const splits = node.step.kind === 'load' || node.step.kind === 'until'
    const answers = splits ? [0, 1, 2] : node.step.kind === 'atomic' ? [node.step.apply({} as never, 0)] : [undefined]
    for (const value of answers) visit(automaton.feed(node, value), [...seen, value], branches + (splits ? 1 : 0))
  }
  visit(automaton.start(framed(0, 1)), [], 0)
  return { states: automaton.nodes.size, histories }
}
