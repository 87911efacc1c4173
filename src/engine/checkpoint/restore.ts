import { bufferOf, type Core } from '../core/core.js'
import { UserError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import type { Checkpoint, Plan } from './checkpoint.js'
import { engineName, learnedName, programName } from './names.js'
import { wordsOf } from './words.js'

/** Learns what the checkpoint's search had learned. Refuses a checkpoint of another program, plan or engine. */
export function relearn(loaded: Loaded, plan: Plan, { header, lessons }: Checkpoint): void {
  if (header.engine !== engineName()) throw refused('was made by another version of the engine', 'go on with the version that made it, or search from the start')
  if (header.program !== programName(loaded)) throw changed('its cells or threads are others')
  const other = (Object.keys(plan) as (keyof Plan)[]).find((key) => header.plan[key] !== plan[key])
  if (other) throw refused(`was made with ${saying(other, header.plan)}, not with ${saying(other, plan)}`, 'search with the options that it was made with')
  try {
    loaded.relearn(lessons)
  } catch (cause) {
    throw changed(cause instanceof Error ? cause.message : String(cause))
  }
  if (learnedName(loaded) !== header.learned) throw changed('a step does something else')
  loaded.footprints.restore(header.cycles, header.stale)
}

const refused = (what: string, hint: string): UserError => new UserError('other-checkpoint', `the checkpoint ${what}`, hint)
const changed = (how: string): UserError => refused(`is of another model: ${how}`, 'go on with the model that it was made of, or search from the start')

const saying = (option: keyof Plan, plan: Plan): string => {
  const value = plan[option]
  return typeof value === 'boolean' ? `${option} ${value ? 'on' : 'off'}` : `${option} ${value || 'unbounded'}`
}

/** Puts back the visited and the open states. The core's search has been reset for the checkpoint's plan. */
export function restore(loaded: Loaded, { header: { stats, pass, plan }, open, visited }: Checkpoint): void {
  const { core } = loaded
  for (const block of visited()) {
    if (plan.exact) addStates(loaded, block)
    else addFingerprints(core, block)
  }
  reopen(loaded, open)
  core.restoreCounts(stats.transitions, stats.ends, stats.depth, pass!.truncated, pass!.marks, pass!.seen, pass!.endsAt)
  loaded.footprints.goOn(true)
}

/** Puts back the open states. */
export function reopen(loaded: Loaded, open: Int32Array): void {
  loaded.restart()
  for (let at = 0; at < open.length; at += 6) {
    const [before, thread, alternative, sleep, only, entered] = open.subarray(at, at + 6) as unknown as [number, number, number, number, number, number]
    loaded.core.restoreOpen(before, thread, alternative, sleep, only, entered !== 0)
  }
}

/** Adds a block that `fingerprints` made. */
export function addFingerprints(core: Core, block: Uint8Array): void {
  const count = block.length / (8 + core.bytesOfMask())
  const at = core.buffer() >>> 0
  const buffer = new Uint8Array(bufferOf(core))
  buffer.set(block.subarray(0, count * 8), at)
  buffer.set(block.subarray(count * 8), at + core.bufferEntries() * 8)
  core.addCopied(count)
}

function addStates(loaded: Loaded, block: Uint8Array): void {
  const states = wordsOf(block)
  const { length } = loaded.words
  for (let at = 0; at < states.length; at += length) {
    loaded.jump(states.subarray(at, at + length))
    loaded.core.keepNow()
  }
}
