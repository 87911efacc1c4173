import type { Checkpoint, Plan } from '../engine/checkpoint/checkpoint.js'
import { engineName, learnedName, programName } from '../engine/checkpoint/names.js'
import { addFingerprints, relearn, reopen } from '../engine/checkpoint/restore.js'
import { fingerprints } from '../engine/checkpoint/take.js'
import { type Core, instantiate } from '../engine/core/core.js'
import { Loaded } from '../engine/learn/loaded.js'
import type { Knowledge } from '../engine/learn/footprints.js'
import type { Program } from '../engine/program.js'
import { DEADLOCK } from '../engine/search/deadlock.js'
import type { Found, Stats } from '../engine/search/result.js'
import type { Job, Report } from './messages.js'
import { jobOf } from './part.js'
import { prelude } from './prelude.js'

const ALL = -1

/** What a search by workers has come to when all of them rest. */
export interface Resting {
  readonly jobs: readonly Job[]
  readonly reports: readonly Report[]
  readonly found: readonly Found[]
  readonly stats: Stats
  readonly truncated: boolean
  /** Some did not know what others had learned. */
  readonly stale: boolean
  /** Where their set of visited states is. */
  readonly memory: WebAssembly.Memory
  readonly visitedAt: number
}

/**
 * The checkpoint of a search by workers is that of one worker who has learned what they have, in an order of its own that
 * begins like theirs, so that handles have their numbers: one worker can go on with it, or any number.
 */
export function checkpointOf(program: Program, plan: Plan, { jobs, reports, found, stats, truncated, stale, memory, visitedAt }: Resting): Checkpoint {
  const loaded = prelude(program, plan)
  loaded.treatAlike(plan.symmetry)
  for (const { told } of reports) loaded.absorb(told!)
  loaded.footprints.markCycles()
  const oracles = found.map(({ violation }) => violation.oracle)
  const seen = loaded.oraclesOf(oracles.filter((oracle) => oracle !== DEADLOCK)) | (oracles.includes(DEADLOCK) ? 1 << 31 : 0)
  const header = {
    engine: engineName(), program: programName(loaded), plan, learned: learnedName(loaded), cycles: loaded.footprints.marked, stale,
    stickyCounts: false, found, stats, pass: { endsAt: -1, truncated, marks: loaded.marksOf(stats.reached), seen },
  }
  const core = instantiate(() => {}, memory)
  core.visitedJoin(visitedAt, maskBits(plan, program))
  return { header, lessons: Int32Array.from(loaded.lessons), open: openOf(jobs), visited: () => turned(fingerprints(core), core) }
}

/** What workers go on with: all of it, or only what was learned when more had been left out than should have been. */
export interface Resumed {
  readonly loaded: Loaded
  readonly rows: Knowledge['rows']
  readonly header: Checkpoint['header'] | undefined
  readonly jobs: readonly Job[]
  /** Puts the visited states into the workers' memory. Returns where they are. */
  readonly fill: (memory: WebAssembly.Memory) => number | undefined
}

/** Reads a checkpoint, of one worker or several, for workers. */
export function resumed(program: Program, plan: Plan, checkpoint: Checkpoint): Resumed {
  const loaded = new Loaded(program)
  loaded.treatAlike(plan.symmetry)
  relearn(loaded, plan, checkpoint)
  const { core, automaton, footprints } = loaded
  const { rows } = footprints.knowledge(automaton.states.map(({ key }) => key))
  const { header } = checkpoint
  if (header.stale) return { loaded, rows, header: undefined, jobs: [{ before: [] }], fill: () => undefined }
  core.searchReset(plan.persistent, plan.sleep, plan.symmetry, false, 2 ** 30, 2 ** 50, 2 ** 31, loaded.finalLocal)
  reopen(loaded, checkpoint.open)
  const jobs = [...Array(core.openCount.value).keys()].filter((i) => core.openWaits(i)).map((i) => jobOf(loaded, i))
  const fill = (memory: WebAssembly.Memory): number => {
    const shared = instantiate(() => {}, memory)
    shared.visitedReset(maskBits(plan, program))
    for (const block of turned(checkpoint.visited(), shared)) addFingerprints(shared, block)
    return shared.visitedAt()
  }
  return { loaded, rows, header, jobs, fill }
}

const maskBits = ({ sleep }: Plan, { threads }: Program): number => (sleep ? threads.length : 0)

/** One worker keeps with each state who sleeps, several who was taken. */
function* turned(blocks: Iterable<Uint8Array>, core: Core): Generator<Uint8Array> {
  for (const block of blocks) {
    const masks = (block.length / (8 + core.bytesOfMask())) * 8
    yield block.map((byte, i) => (i < masks ? byte : ~byte))
  }
}

interface Node { readonly record: number; readonly next: Map<string, Node> }

/** The states where jobs begin, as records of the core's stack, and below them those on the way there. */
function openOf(jobs: readonly Job[]): Int32Array {
  const words: number[] = []
  const add = (before: number, [place, alternative]: readonly [number, number], sleep: number, only: number, entered: number): number =>
    words.push(before, place, alternative, sleep, only, entered) / 6 - 1
  const root: Node = { record: add(-1, [-1, 0], 0, 0, 1), next: new Map() }
  for (const { before, threads: { sleep, only } = { sleep: 0, only: ALL } } of jobs) {
    let node = root
    for (const { place, alternative } of before.slice(0, -1)) {
      const key = `${place} ${alternative}`
      const next = node.next.get(key) ?? { record: add(node.record, [place, alternative], 0, 0, 1), next: new Map<string, Node>() }
      node.next.set(key, next)
      node = next
    }
    const last = before.at(-1)
    if (last) add(node.record, [last.place, last.alternative], sleep, only, 0)
    else add(-1, [-1, 0], sleep, only, 0)
  }
  return Int32Array.from(words)
}
