import { Loaded } from '../engine/learn/loaded.js'
import type { HeldLocks } from '../engine/locks/lock-book.js'
import type { LockOp } from '../engine/model/lock.js'
import type { Cell } from '../engine/model/memory.js'
import { describeStep } from '../engine/model/describe.js'
import type { Program } from '../engine/program.js'
import { Random } from '../engine/search/random.js'
import { readySteps } from '../engine/search/scout.js'
import { accessOrder, type AccessOrder } from './primitive-order.js'

/** One step of a lane: what it did to shared memory, and what orders it. */
export interface LaneStep {
  readonly label: string
  readonly accesses: readonly { readonly cell: Cell; readonly reads: boolean; readonly writes: boolean; readonly order: AccessOrder }[]
  /** Barriers since the step before. */
  readonly barriers: readonly string[]
  readonly lock: LockOp | undefined
  readonly held: HeldLocks
  /** Local state and what was seen: where the lane goes on depends on them. */
  readonly local: number
  readonly next: number
}

export interface Lanes {
  readonly program: Program
  /** By thread: the ways that it was seen to go. */
  readonly runs: readonly (readonly (readonly LaneStep[])[])[]
  /** Local states after which a lane goes on by what it has read. */
  readonly decides: ReadonlySet<number>
}

/** Runs that are mixed at random. */
const WALKS = 150
const MAX_STEPS = 3_000
/** Orders in which whole lanes run one after another. */
const SERIAL = 24

/** Runs a program in many ways, each lane after another and mixed at random, and keeps how each lane went. */
export function laneRuns(program: Program, walks = WALKS): Lanes {
  const loaded = new Loaded(program)
  const threads = program.threads.length
  const kept = program.threads.map(() => new Map<string, LaneStep[]>())
  const successors = new Map<number, Set<number>>()
  const random = new Random(1)
  loaded.guarded(() => {
    const serial = Math.min(SERIAL, threads > 3 ? SERIAL : [1, 1, 2, 6][threads]!)
    for (let walk = 0; walk < walks + serial; walk++) {
      const priority = program.threads.map((_, t) => (walk < serial ? (walk < threads ? (t - walk + threads) % threads : random.below(1000)) : 0))
      const lanes: LaneStep[][] = program.threads.map(() => [])
      loaded.restart()
      for (let step = 0; step < MAX_STEPS; step++) {
        const ready = readySteps(loaded)
        if (ready.length === 0) break
        const first = Math.min(...ready.map(({ thread }) => priority[thread]!))
        const open = ready.filter(({ thread }) => priority[thread] === first)
        const { thread, leaf } = open[random.below(open.length)]!
        const taken = laneStep(loaded, loaded.core.localOf(thread), leaf)
        lanes[thread]!.push(taken)
        let next = successors.get(taken.local)
        if (!next) successors.set(taken.local, (next = new Set()))
        next.add(taken.next)
        loaded.core.advance(thread, leaf)
      }
      lanes.forEach((lane, t) => kept[t]!.set(lane.map(({ local }) => local).join(), lane))
    }
  })
  return {
    program, runs: kept.map((map) => [...map.values()]),
    decides: new Set([...successors].filter(([, next]) => next.size > 1).map(([local]) => local)),
  }
}

function laneStep(loaded: Loaded, local: number, leafId: number): LaneStep {
  const { step, held, notes, site } = loaded.automaton.states[local]!
  const { reads, writes, next } = loaded.leaf(leafId)
  const { options } = loaded.program.memory
  const { lock } = step!.options
  // To take and to drop a lock is a section of a test, and no access.
  const section = lock !== undefined && lock.op !== 'sleep' && !(lock.op === 'acquire' && lock.passes)
  const cells = section ? [] : [...new Set([...reads.keys(), ...writes.keys()])].filter((cell) => !options[cell]!.ghost)
  return {
    label: describeStep(step!, loaded.program.memory), barriers: notes, lock, held, local, next,
    accesses: cells.map((cell) => ({
      cell, reads: reads.has(cell), writes: writes.has(cell), order: accessOrder(step!, site?.file ?? '', reads.has(cell), writes.has(cell)),
    })),
  }
}
