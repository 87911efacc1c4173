import { Event } from '../core/core.js'
import { InternalError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import type { Deadline } from './bounds.js'
import { lasso } from './lasso.js'
import { Pace } from './pace.js'
import type { Bound, Choice, Found, Progress } from './result.js'
import { readySteps } from './scout.js'

/** The name under which a run that can never end is reported. */
export const LIVELOCK = 'livelock'

/** What one look for cycles finds. */
export interface Cycles {
  /** The way to a state from which no run ends. */
  readonly trap?: readonly Choice[]
  /** A run round which all threads go that do not have to wait. */
  readonly fair?: Found
  readonly stopped?: Bound
}

/**
 * Looks for a state from which no run ends, whatever the scheduler does, and for a cycle round which a fair scheduler can go
 * too: every thread that has not ended takes steps in it, or has to wait all the time. (A loop that another thread ends, when it
 * gets its turn, is waiting, not a fault.) It looks at states in which some thread can still loop. Persistent sets that put no step
 * off for ever leave out no end that can be reached from a state, and no such cycle but for the order of its steps.
 */
export function* cycles(
  loaded: Loaded, persistent: boolean, masks: boolean, bounds: { states: number; bytes: number }, deadline: Deadline,
): Generator<Progress, Cycles> {
  const { core } = loaded
  loaded.treatAlike(false)
  // The masks are of no use here, but segments of the same size are used again.
  core.visitedReset(masks ? loaded.program.threads.length : 0)
  core.trapsReset(persistent, Math.min(bounds.states, 2 ** 50), bounds.bytes)
  loaded.guarded(() => core.enterForTraps())
  let fair: Found | undefined
  const pace = new Pace()
  for (;;) {
    const event = loaded.guarded(() => core.findTrap(pace.steps))
    pace.taken()
    const found = fair && { fair }
    if (event === Event.done) return { ...found }
    if (event === Event.trap) return { trap: wayIn(loaded), ...found }
    if (event === Event.states) return { stopped: { bound: 'states', limit: bounds.states }, ...found }
    if (event === Event.memory) return { stopped: { bound: 'bytes', limit: bounds.bytes }, ...found }
    if (event === Event.fair) {
      fair = loaded.guarded(() => lasso(loaded, wayIn(loaded)))
      continue
    }
    if (event !== Event.budget) throw new InternalError(`the core returned event ${event}`)
    const stopped = deadline.passed()
    if (stopped) return { stopped, ...found }
    yield { depth: core.trapDepth.value, states: core.states(), transitions: 0, bytes: loaded.bytes }
  }
}

const wayIn = ({ core }: Loaded): Choice[] =>
  Array.from({ length: core.trapDepth.value }, (_, d) => ({ thread: core.trapThread(d), alternative: core.trapAlternative(d) }))

/** Goes on from a trap, round the threads, until a state comes again. Undefined when the run ends: it was none. */
export function endlessRun(loaded: Loaded, wayIn: readonly Choice[]): Found | undefined {
  const { core } = loaded
  const schedule = [...wayIn]
  loaded.restart()
  for (const { thread, alternative } of wayIn) core.advance(thread, core.leafOf(core.localOf(thread), alternative))
  const seen = new Map<string, number>()
  let last = -1
  for (;;) {
    const state = `${last} ${loaded.words.join()}`
    const before = seen.get(state)
    if (before !== undefined) {
      const loop = schedule.length - before
      const names = [...new Set(schedule.slice(before).map((c) => loaded.program.threads[c.thread]!.name))]
      return { violation: { oracle: LIVELOCK, message: `${names.join(' and ')} never ${names.length === 1 ? 'comes' : 'come'} to an end` }, schedule, loop }
    }
    seen.set(state, schedule.length)
    const ready = readySteps(loaded)
    const next = ready.find((r) => r.thread > last) ?? ready[0]
    if (!next) return undefined
    core.advance(next.thread, next.leaf)
    schedule.push({ thread: next.thread, alternative: next.alternative })
    last = next.thread
  }
}
