import { Loaded } from '../../engine/learn/loaded.js'
import { bestFirst, FEWEST_PREEMPTIONS } from '../../engine/search/best-first.js'
import { replay, type TakenStep } from '../../engine/search/replay.js'
import { enumerateTraces } from '../lkmm/enumerate-traces.js'
import type { LitmusTest } from '../parse/ast.js'
import { makeProgram, type Program } from '../program/program.js'
import { formatValue } from '../program/values.js'
import { outcomeOf } from '../reachable.js'
import { FOUND, type MachineModel, machineProgram } from './machine-program.js'

/** A step of a run on a machine: what a CPU did, or its store buffer. */
export interface RunStep {
  readonly thread: number
  readonly text: string
  /** The value read, or what reached memory; empty if neither. */
  readonly effect: string
}

/** States looked at, at most: without reduction, and only to draw. */
const STATES = 200_000

/** A run of a machine with the outcome of the test, with as few switches as can be; undefined if none was found soon. */
export function findRun(test: LitmusTest, model: MachineModel): RunStep[] | undefined {
  const program = makeProgram(test)
  const runs = machineProgram(program, enumerateTraces(program), model, outcomeOf(program))
  if (!runs) return undefined
  const loaded = new Loaded(runs)
  const search = bestFirst(loaded, FEWEST_PREEMPTIONS, { oracle: FOUND, states: STATES })
  for (;;) {
    const turn = search.next()
    if (!turn.done) continue
    if (turn.value.verdict !== 'violated') return undefined
    const buffers = runs.threads.slice(test.threads.length).map(({ name }) => Number(name.split(' ').at(-1)))
    return replay(loaded, turn.value.found[0].schedule).steps
      .filter(({ label }) => label !== 'end').map((step) => runStep(program, step, buffers))
  }
}

function runStep(program: Program, { choice, label, leaf }: TakenStep, buffers: readonly number[]): RunStep {
  const format = (value: number): string => formatValue(value, program.locations)
  const [write] = [...leaf.writes].filter(([cell]) => cell < program.locations.length)
  const buffer = choice.thread - program.threads.length
  if (buffer >= 0) {
    const effect = write ? `${program.locations[write[0]]} = ${format(write[1])}` : ''
    return { thread: buffers[buffer]!, text: '<store buffer>', effect }
  }
  const read = typeof leaf.result === 'number' ? format(leaf.result) : ''
  return { thread: choice.thread, text: label, effect: read && write ? `${read} -> ${format(write[1])}` : read }
}
