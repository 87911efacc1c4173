import { bufferOf, type Core } from '../core/core.js'
import type { Loaded } from '../learn/loaded.js'
import type { Checkpoint, CheckpointHeader, Plan } from './checkpoint.js'
import { engineName, learnedName, programName } from './names.js'

const OPEN_WORDS = 6
const KEPT_IN_BLOCK = 1024

/** What a search has come to. */
export type Before = Pick<CheckpointHeader, 'found' | 'stats' | 'stickyCounts'>

/** The checkpoint of a search that stands between two steps of the core. */
export function takeCheckpoint(
  loaded: Loaded, plan: Plan, before: Before,
): Checkpoint {
  const { core } = loaded
  const pass = {
    endsAt: core.endsAt(),
    truncated: core.truncated.value !== 0,
    marks: core.marks.value,
    seen: core.seen.value,
  }
  const outside = atLivelocks(loaded, plan, before)
  const open = new Int32Array(core.openCount.value * OPEN_WORDS)
  for (let i = 0; i < core.openCount.value; i++) {
    open.set(new Int32Array(bufferOf(core), core.openWordsAt(i) >>> 0, OPEN_WORDS), i * OPEN_WORDS)
  }
  return { ...outside, header: { ...outside.header, pass }, open, visited: () => (plan.exact ? keptStates(loaded) : fingerprints(loaded.core)) }
}

/** The checkpoint of a search that has seen all states and goes on to look for livelocks, which starts again when resumed. */
export function atLivelocks(loaded: Loaded, plan: Plan, { found, stats, stickyCounts }: Before): Checkpoint {
  const { footprints } = loaded
  const header = {
    engine: engineName(), program: programName(loaded), plan, learned: learnedName(loaded), cycles: footprints.marked, stale: footprints.stale,
    stickyCounts, found: [...found], stats,
  }
  return { header, lessons: Int32Array.from(loaded.lessons), open: new Int32Array(), visited: () => [] }
}

/** Of each part of the set the fingerprints, then their masks. */
export function* fingerprints(core: Core): Generator<Uint8Array> {
  const at = core.buffer() >>> 0
  const masksAt = at + core.bufferEntries() * 8
  for (let i = 0; i < core.partCount(); i++) {
    const count = core.copyPart(i)
    const block = new Uint8Array(count * (8 + core.bytesOfMask()))
    block.set(new Uint8Array(bufferOf(core), at, count * 8))
    block.set(new Uint8Array(bufferOf(core), masksAt, count * core.bytesOfMask()), count * 8)
    if (count > 0) yield block
  }
}

/** The words of states, in the order of their numbers. */
function* keptStates({ core, words: { byteLength } }: Loaded): Generator<Uint8Array> {
  const count = core.states()
  for (let first = 0; first < count; first += KEPT_IN_BLOCK) {
    yield new Uint8Array(core.memory.buffer, core.keptAt(first) >>> 0, Math.min(KEPT_IN_BLOCK, count - first) * byteLength)
  }
}
