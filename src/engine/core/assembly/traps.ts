// Looks for cycles, depth first over the states in which some thread can still go round a loop (from all others every run
// ends), by Tarjan's algorithm for strongly connected components. Of a component that is complete it is known whether
// something leads out of it. If nothing does, no run from there ends: a trap. If every thread that has not ended takes steps in
// it, or has to wait in all of its states, then threads can keep each other going for ever under a fair scheduler too.
//
// A state is settled once its component is complete. Those that are not are kept beside the fingerprints. From a settled state
// an end can be reached: the search stops at a trap.
import { allocate, heapTop, regrow } from './heap'
import { BLOCKED, LEAF_BYTES, leaves } from './tables'
import { choices, enabledNow, loopAhead } from './reduction'
import { alternatives, copyState, endless, fingerprint, leafOf, liveThreads, localOf, stateBytes, take, words } from './state'
import { BUDGET, DONE, MEMORY, STATES } from './search'
import { addUnsettled, placeOf, settleFrom, unsettledCount, unsettledReset } from './unsettled'
import { NEW, visit, visitedCount } from './visited'

/** No run from the current state ends. */
export const TRAP: i32 = 9
/** The current state is in a component round which all threads go. */
export const FAIR: i32 = 10

// A frame: fingerprint, threads still to take, thread and alternative being taken, flags, how many states were unsettled before
// this one, the lowest place of one in its component, and of its component as far as known the threads that take steps in it and
// those that can somewhere; then the words of the state.
const HEAD: usize = 40
const TODO: usize = 8
const THREAD: usize = 12
const ALTERNATIVE: usize = 16
const FLAGS: usize = 20
const BEFORE: usize = 24
const LOWEST: usize = 28
const STEPPERS: usize = 32
const ENABLED: usize = 36

/** Something leads out of the component. */
const LEADS_OUT: i32 = 1
/** The state leads to itself. */
const TO_ITSELF: i32 = 2

let frameBytes: usize = 0
let frames: usize = 0
let bytes: usize = 0
let reduce: bool = false
let stateLimit: u64 = 0
let memoryLimit: usize = 0
/** A component round which all threads go has been told of. */
let fairTold: bool = false

export let trapDepth: i32 = -1

export function trapsReset(persistentSets: bool, maxStates: f64, maxBytes: f64): void {
  reduce = persistentSets
  stateLimit = <u64>maxStates
  memoryLimit = <usize>maxBytes
  frameBytes = HEAD + ((stateBytes() + 7) & ~7)
  if (bytes < frameBytes * 64) {
    bytes = frameBytes * 64
    frames = allocate(bytes)
  }
  trapDepth = -1
  fairTold = false
  unsettledReset()
}

// @ts-ignore: decorator
@inline
function frameAt(d: i32): usize {
  return frames + <usize>d * frameBytes
}

export function trapThread(d: i32): i32 {
  return load<i32>(frameAt(d), THREAD)
}

export function trapAlternative(d: i32): i32 {
  return load<i32>(frameAt(d), ALTERNATIVE)
}

/** The threads that take steps in the component that was told of. */
export function trapSteppers(): u32 {
  return load<u32>(frameAt(trapDepth), STEPPERS)
}

/** Whether the current state is in the component that was told of. */
export function inTrap(): bool {
  return placeOf(fingerprint) > load<i32>(frameAt(trapDepth), BEFORE)
}

/** Enters the current state, if it is one to look at. */
export function enterForTraps(): void {
  lookAt()
}

/** The current state: a new one is entered. Returns its place, 0 when an end can be reached from it; -1 when it was entered. */
function lookAt(): i32 {
  // Threads that need not end may go on for ever.
  if (!loopAhead() || !(liveThreads() & ~endless)) return 0
  if (visit(fingerprint) != NEW) return placeOf(fingerprint)
  const enough = choices(reduce)
  if (enough == 0) return 0
  trapDepth++
  if (<usize>(trapDepth + 1) * frameBytes > bytes) {
    frames = regrow(frames, bytes, bytes * 2)
    bytes *= 2
  }
  const f = frameAt(trapDepth)
  store<u64>(f, fingerprint)
  store<u32>(f, enough, TODO)
  store<i32>(f, -1, THREAD)
  store<i32>(f, 0, FLAGS)
  store<i32>(f, unsettledCount, BEFORE)
  addUnsettled(fingerprint)
  store<i32>(f, unsettledCount, LOWEST)
  store<u32>(f, 0, STEPPERS)
  store<u32>(f, enabledNow, ENABLED)
  memory.copy(f + HEAD, words, stateBytes())
  return -1
}

/** The step that the state takes leads to one of its component, of which this is known. */
// @ts-ignore: decorator
@inline
function within(f: usize, lowest: i32, steppers: u32, enabled: u32): void {
  if (lowest < load<i32>(f, LOWEST)) store<i32>(f, lowest, LOWEST)
  store<u32>(f, load<u32>(f, STEPPERS) | steppers | (1 << load<i32>(f, THREAD)), STEPPERS)
  store<u32>(f, load<u32>(f, ENABLED) | enabled, ENABLED)
}

// @ts-ignore: decorator
@inline
function flag(f: usize, flags: i32): void {
  store<i32>(f, load<i32>(f, FLAGS) | flags, FLAGS)
}

/** Whether all threads go round the component, of which `f` is the state that was entered first. */
function isFair(f: usize): bool {
  if (unsettledCount - load<i32>(f, BEFORE) == 1 && !(load<i32>(f, FLAGS) & TO_ITSELF)) return false
  copyState(f + HEAD, load<u64>(f))
  const steppers = load<u32>(f, STEPPERS)
  return (liveThreads() & load<u32>(f, ENABLED) & ~steppers) == 0 && (steppers & ~endless) != 0
}

/** Takes the state on top out, with its component if it was entered first of it. Returns an event or DONE. */
function leave(f: usize): i32 {
  const before = load<i32>(f, BEFORE)
  const lowest = load<i32>(f, LOWEST)
  const flags = load<i32>(f, FLAGS)
  const complete = lowest > before
  if (complete) {
    if (!(flags & LEADS_OUT)) return TRAP
    if (!fairTold && isFair(f)) {
      fairTold = true
      return FAIR
    }
    settleFrom(before)
  }
  trapDepth--
  if (trapDepth < 0) return DONE
  const below = frameAt(trapDepth)
  flag(below, flags & LEADS_OUT)
  if (!complete) within(below, lowest, load<u32>(f, STEPPERS), load<u32>(f, ENABLED))
  return DONE
}

/** Looks on. Returns DONE when all has been looked at, TRAP or FAIR at the state that was entered first of a component, else what it stopped at. */
export function findTrap(budget: i32): i32 {
  while (trapDepth >= 0) {
    const f = frameAt(trapDepth)
    let thread = load<i32>(f, THREAD)
    let alternative = load<i32>(f, ALTERNATIVE) + 1
    if (thread >= 0) {
      copyState(f + HEAD, load<u64>(f))
      if (alternative >= alternatives(localOf(thread))) thread = -1
    }
    if (thread < 0) {
      const todo = load<u32>(f, TODO)
      if (todo == 0) {
        const event = leave(f)
        if (event != DONE) {
          copyState(f + HEAD, load<u64>(f))
          return event
        }
        continue
      }
      thread = ctz(todo)
      store<u32>(f, todo & ~(1 << thread), TODO)
      alternative = 0
    }
    store<i32>(f, thread, THREAD)
    store<i32>(f, alternative, ALTERNATIVE)
    const leaf = leafOf(localOf(thread), alternative)
    if (load<i32>(leaves.at + <usize>leaf * LEAF_BYTES, 12) & BLOCKED) continue
    take(thread, leaf)
    const place = lookAt()
    if (place > 0) {
      if (place == load<i32>(f, BEFORE) + 1) flag(f, TO_ITSELF)
      within(f, place, 0, 0)
    } else if (place == 0) flag(f, LEADS_OUT)
    else if (visitedCount >= stateLimit || heapTop() > memoryLimit) return visitedCount >= stateLimit ? STATES : MEMORY
    if (--budget <= 0) return BUDGET
  }
  return DONE
}
