import { Event } from '../core/core.js'
import { InternalError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import type { Deadline } from './bounds.js'
import { Pace } from './pace.js'
import { scheduleOf } from './path.js'
import type { Bound, Found, Progress, Schedule } from './result.js'
import type { Reductions } from './reductions.js'
import { readySteps } from './scout.js'

/** The name under which a run that can never end is reported. */
export const LIVELOCK = 'livelock'

/** A state that nothing leads out of, as far as persistent sets tell. */
export interface Trap {
  readonly wayIn: Schedule
}

/**
 * Looks for a state from which no run ends, whatever the scheduler does: an endless loop without a way out. (A loop
 * that another thread can end is waiting, not a fault.) It looks at states in which some thread can still loop, and
 * persistent sets leave out no end that can be reached from a state.
 */
export function* livelock(
  loaded: Loaded, { persistent, sleep, symmetry }: Reductions, bounds: { states: number; bytes: number }, deadline: Deadline,
): Generator<Progress, Trap | Bound | undefined> {
  const { core } = loaded
  // The masks are of no use here, but segments of the same size are used again.
  core.visitedReset(sleep ? loaded.program.threads.length : 0)
  core.trapsReset(persistent, symmetry, Math.min(bounds.states, 2 ** 50), bounds.bytes)
  loaded.restart()
  loaded.guarded(() => core.enterForTraps())
  const pace = new Pace()
  for (;;) {
    const event = loaded.guarded(() => core.findTrap(pace.steps))
    pace.taken()
    if (event === Event.done) return undefined
    if (event === Event.trap) return { wayIn: wayIn(loaded) }
    if (event === Event.states) return { bound: 'states', limit: bounds.states }
    if (event === Event.memory) return { bound: 'bytes', limit: bounds.bytes }
    if (event !== Event.budget) throw new InternalError(`the core returned event ${event}`)
    const stopped = deadline.passed()
    if (stopped) return stopped
    yield { depth: core.trapDepth.value, states: core.states(), transitions: 0, bytes: loaded.bytes }
  }
}

const wayIn = (loaded: Loaded): Schedule => {
  const { core } = loaded
  return scheduleOf(loaded, Array.from({ length: core.trapDepth.value }, (_, d) =>
    ({ place: core.trapThread(d), alternative: core.trapAlternative(d), movedTo: core.trapMovedTo(d) }))).schedule
}

/** Goes on from a trap, round the threads, until a state comes again. Undefined when the run ends: it was none. */
export function endlessRun(loaded: Loaded, { wayIn }: Trap): Found | undefined {
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
