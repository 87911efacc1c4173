import { mm_alloc } from '../kernel/mm/fork/mm_lifetime.js'
import { lru_add_drain } from '../kernel/mm/swap/lru_add_drain.js'
import { Frames, observe, showsDrain } from './observe.js'
import { operations, start } from './operations.js'
import type { History } from './history.js'
import { type ModelRecord, parseOperation, type Program, type StepRecord } from './program.js'
import type { System } from './system.js'

/** What is recorded of an operation that is skipped. */
const UNSEEN = { o: [], m: [], mapped: () => undefined }

/** Runs one operation; `skip` where the recording's driver skips it too. */
const runOperation = (system: System, line: string): Pick<StepRecord, 'r' | 'e' | 'v'> => {
  const op = parseOperation(line)
  const process = system.processes.get(op.process)
  if (!process) return { r: 'skip', e: 0, v: 0 }
  const run = operations[op.name]
  if (!run) throw new Error(`the model has no operation ${op.name}`)
  const { code, value, errno } = run(system, process, op.args, op)
  return code < 0 ? { r: -1, e: errno ?? -code, v: value ?? -1 } : { r: code, e: 0, v: value ?? -1 }
}

/** Runs a program on the model and reports in the form of a recording, step by step, until it throws. */
export function* runProgram(
  system: System, program: Pick<Program, 'pages' | 'prog'> & Partial<Program>, history: History,
): Generator<ModelRecord, void, void> {
  system.reset(history)
  start(system, 0, system.run(mm_alloc()))
  const frames = new Frames()
  for (const [i, line] of program.prog.entries()) {
    const result = runOperation(system, line)
    if (system.recorded.drained || showsDrain(system, program.steps?.[i]?.o ?? [])) system.run(lru_add_drain())
    if (result.r === 'skip') frames.turn()
    yield { ...result, ...(result.r === 'skip' ? UNSEEN : observe(system, program.pages, frames)) }
  }
}
