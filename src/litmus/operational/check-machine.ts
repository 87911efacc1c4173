import { Memory } from '../../engine/model/memory.js'
import { check } from '../../engine/search/explore.js'
import type { Result } from '../../engine/search/result.js'
import { enumerateTraces } from '../lkmm/enumerate-traces.js'
import { MEMORY } from '../lkmm/events.js'
import type { Observation } from '../lkmm/check-lkmm.js'
import type { Trace } from '../lkmm/trace.js'
import type { LitmusTest } from '../parse/ast.js'
import { and, compileCondition, not, type Test } from '../program/evaluate.js'
import { makeProgram, type Program } from '../program/program.js'
import { bufferedStores } from './buffered-stores.js'
import { finalWrites } from './final-writes.js'
import { firstReads } from './first-reads.js'
import { Machine, RCU } from './machine.js'
import { threadTree } from './thread-tree.js'

/** Machines that the interleaving engine runs a test on: sequentially consistent, or x86-TSO with store buffers. */
export type MachineModel = 'sc' | 'tso'

export interface MachineResult {
  /** Undefined if the search ended at its limit without an answer. */
  readonly observation: Observation | undefined
  readonly ok: boolean | undefined
  /** Distinct states of the search. */
  readonly states: number
}

/** States of one search at most. */
export const MACHINE_STATES = 20_000_000

/** Explores a test on a machine, for whether its condition holds in some, all or no runs. */
export function checkMachine(test: LitmusTest, model: MachineModel, states = MACHINE_STATES): MachineResult {
  const program = makeProgram(test)
  const traces = enumerateTraces(program)
  const condition = compileCondition(test.condition, program)
  const filter: Test = test.filter ? compileCondition(test.filter, program) : () => true
  const yes = reaches(program, traces, model, and(filter, condition), states)
  if (!yes.reached) {
    const observation = yes.reached === false ? 'Never' : undefined
    return { observation, ok: observation && test.quantifier === '~exists', states: yes.states }
  }
  const no = reaches(program, traces, model, and(filter, not(condition)), states)
  const observation = no.reached === undefined ? undefined : no.reached ? 'Sometimes' : 'Always'
  const ok = test.quantifier === 'exists' || (test.quantifier === 'forall' && observation && observation === 'Always')
  return { observation, ok, states: yes.states + no.states }
}

/** Whether a run ends with `want`; undefined if the limit came first. Threads whose part of it fails are cut. */
function reaches(
  program: Program, traces: readonly (readonly Trace[])[], model: MachineModel, want: Test, states: number,
): { reached: boolean | undefined; states: number } {
  const useful = traces.map((list, thread) => list.filter((trace) => want({
    register: (t, name) => (t === thread ? trace.registers.get(name) ?? 0 : undefined),
    location: () => undefined,
  }) !== false))
  const roots = useful.map(threadTree)
  if (roots.some((root) => !root)) return { reached: false, states: 0 }

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
  const enough = new AbortController()
  const result = check({
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
      enough.abort()
    },
  }, { states, all: true, signal: enough.signal })
  return { reached: reached(result, states), states: result.stats.states }
}

const FOUND = 'condition'

/** Runs that wait for ever are no answer: neither a deadlock of the test nor a read of a value left out. */
function reached(result: Result, limit: number): boolean | undefined {
  if (result.verdict === 'holds') return false
  if (result.verdict !== 'violated') return undefined
  if (result.found.some(({ violation }) => violation.oracle === FOUND)) return true
  return result.stats.states < limit ? false : undefined
}

/** What critical sections and grace periods belong to: location of an srcu_struct, or RCU. */
function structsOf(traces: readonly (readonly Trace[])[]): Set<number> {
  const markers = traces.flat().flatMap(({ events }) => events.filter(({ kind }) => (kind & MEMORY) === 0))
  return new Set(markers.map(({ location }) => (location < 0 ? RCU : location)))
}
