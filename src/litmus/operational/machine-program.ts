import { Memory } from '../../engine/model/memory.js'
import type { Program as EngineProgram } from '../../engine/program.js'
import { MEMORY } from '../lkmm/events.js'
import type { Trace } from '../lkmm/trace.js'
import type { Test } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { bufferedStores } from './buffered-stores.js'
import { finalWrites } from './final-writes.js'
import { firstReads } from './first-reads.js'
import { Machine, RCU } from './machine.js'
import { threadTree } from './thread-tree.js'

/** Machines that the interleaving engine runs a test on: sequentially consistent, or x86-TSO with store buffers. */
export type MachineModel = 'sc' | 'tso'

/** The oracle that a run violates when it ends with what was looked for. */
export const FOUND = 'condition'

/**
 * A test as a program of the engine, which violates FOUND where a run ends with `want`. Threads follow only traces that
 * `want` allows. Threads after those of the test are store buffers. Undefined if some thread has no trace left.
 */
export function machineProgram(
  program: Program, traces: readonly (readonly Trace[])[], model: MachineModel, want: Test, onFound = (): void => {},
): EngineProgram | undefined {
  const useful = traces.map((list, thread) => list.filter((trace) => want({
    register: (t, name) => (t === thread ? trace.registers.get(name) ?? 0 : undefined),
    location: () => undefined,
  }) !== false))
  const roots = useful.map(threadTree)
  if (roots.some((root) => !root)) return undefined

  const memory = new Memory()
  const stores = useful.map(model === 'tso' ? bufferedStores : () => 0)
  const machine = new Machine(program, memory, {
    structs: structsOf(traces), stores, finals: finalWrites(useful, want), firstReads: firstReads(useful, program.initial),
  })
  const results = program.observed.map((place) => (place.thread < 0 ? undefined : memory.ghost(`${place.thread}:${place.name}`)))
  const resultOf = new Map(program.observed.map((place, i) => [`${place.thread}:${place.name}`, results[i]]))
  const threads = roots.map((root, thread) => ({
    name: `P${thread}`,
    body: () => machine.run(thread, root!, (m, registers) => {
      program.observed.forEach((place, i) => {
        if (place.thread === thread) m.set(results[i]!, registers.get(place.name) ?? 0)
      })
    }),
  }))
  const drains = roots.flatMap((_, thread) =>
    (stores[thread] === 0 ? [] : [{ name: `store buffer ${thread}`, body: () => machine.drain(thread) }]))
  return {
    memory,
    threads: [...threads, ...drains],
    atEnd: (m) => {
      const holds = want({
        register: (thread, name) => {
          const cell = resultOf.get(`${thread}:${name}`)
          return cell === undefined ? 0 : m.get(cell)
        },
        location: (id) => machine.final(m, id),
      })
      if (!holds) return
      m.violate(FOUND, 'the condition holds')
      onFound()
    },
  }
}

/** What critical sections and grace periods belong to: location of an srcu_struct, or RCU. */
function structsOf(traces: readonly (readonly Trace[])[]): Set<number> {
  const markers = traces.flat().flatMap(({ events }) => events.filter(({ kind }) => (kind & MEMORY) === 0))
  return new Set(markers.map(({ location }) => (location < 0 ? RCU : location)))
}
