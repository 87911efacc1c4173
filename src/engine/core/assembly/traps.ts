// Looks for a trap: a state from which no run ends. Depth first over the states in which some thread can still go round
// a loop; from all others every run ends.
//
// A state is settled once it is known that an end can be reached from it. Those that are not are the states on the way
// to the current one, and those that lead back to one of these and, as far as looked at, nowhere else (Tarjan's
// algorithm for strongly connected components, of which only those that nothing leads out of are of interest).
import { allocate, heapTop, regrow } from './heap'
import { BLOCKED, LEAF_BYTES, leaves } from './tables'
import { choices, loopAhead } from './reduction'
import { alike, alternatives, copyState, fingerprint, leafOf, localOf, movedTo, reorder, stateBytes, take, words } from './state'
import { BUDGET, DONE, MEMORY, STATES } from './search'
import { addUnsettled, placeOf, settleFrom, unsettledCount, unsettledReset } from './unsettled'
import { NEW, visit, visitedCount } from './visited'

/** The current state is a trap. */
export const TRAP: i32 = 9

// A frame: fingerprint, threads still to take, thread and alternative being taken, where in its group the thread stands
// after the step, how many states were unsettled before this one, the lowest place of one that it leads to (0: it leads
// to an end), and then the words of the state.
const HEAD: usize = 32
let frameBytes: usize = 0
let frames: usize = 0
let bytes: usize = 0
let reduce: bool = false
let symmetric: bool = false
let stateLimit: u64 = 0
let memoryLimit: usize = 0

export let trapDepth: i32 = -1
export let trapSteps: u64 = 0

export function trapsReset(persistentSets: bool, symmetry: bool, maxStates: f64, maxBytes: f64): void {
  reduce = persistentSets
  symmetric = symmetry
  stateLimit = <u64>maxStates
  memoryLimit = <usize>maxBytes
  frameBytes = HEAD + ((stateBytes() + 7) & ~7)
  if (bytes < frameBytes * 64) {
    bytes = frameBytes * 64
    frames = allocate(bytes)
  }
  trapDepth = -1
  trapSteps = 0
  unsettledReset()
}

// @ts-ignore: decorator
@inline
function frameAt(d: i32): usize {
  return frames + <usize>d * frameBytes
}

export function trapThread(d: i32): i32 {
  return load<i32>(frameAt(d), 12)
}

export function trapAlternative(d: i32): i32 {
  return load<i32>(frameAt(d), 16)
}

export function trapMovedTo(d: i32): i32 {
  return load<i32>(frameAt(d), 20)
}

/** Enters the current state, if it is one to look at. */
export function enterForTraps(): void {
  lookAt()
}

/** The current state: a new one is entered. Returns the lowest place it leads to as far as known; -1 when it was entered. */
function lookAt(): i32 {
  if (!loopAhead()) return 0
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
  store<u32>(f, enough, 8)
  store<i32>(f, -1, 12)
  store<i32>(f, unsettledCount, 24)
  addUnsettled(fingerprint)
  store<i32>(f, unsettledCount, 28)
  memory.copy(f + HEAD, words, stateBytes())
  return -1
}

// @ts-ignore: decorator
@inline
function leadsTo(f: usize, place: i32): void {
  if (place < load<i32>(f, 28)) store<i32>(f, place, 28)
}

/** Looks on. Returns DONE when there is no trap, TRAP when the current state is one, else what it stopped at. */
export function findTrap(budget: i32): i32 {
  while (trapDepth >= 0) {
    const f = frameAt(trapDepth)
    let thread = load<i32>(f, 12)
    let alternative = load<i32>(f, 16) + 1
    if (thread >= 0) {
      copyState(f + HEAD, load<u64>(f))
      if (alternative >= alternatives(localOf(thread))) thread = -1
    }
    if (thread < 0) {
      const todo = load<u32>(f, 8)
      if (todo == 0) {
        const lowest = load<i32>(f, 28)
        const before = load<i32>(f, 24)
        if (lowest > before) return TRAP
        if (lowest == 0) settleFrom(before)
        trapDepth--
        if (trapDepth >= 0) leadsTo(frameAt(trapDepth), lowest)
        continue
      }
      thread = ctz(todo)
      store<u32>(f, todo & ~(symmetric ? alike(thread) : 1 << thread), 8)
      alternative = 0
    }
    store<i32>(f, thread, 12)
    store<i32>(f, alternative, 16)
    store<i32>(f, thread, 20)
    const leaf = leafOf(localOf(thread), alternative)
    if (load<i32>(leaves.at + <usize>leaf * LEAF_BYTES, 12) & BLOCKED) continue
    take(thread, leaf)
    if (symmetric) {
      reorder(thread, 0)
      store<i32>(f, movedTo, 20)
    }
    trapSteps++
    const place = lookAt()
    if (place >= 0) leadsTo(f, place)
    else if (visitedCount >= stateLimit || heapTop() > memoryLimit) return visitedCount >= stateLimit ? STATES : MEMORY
    if (--budget <= 0) return BUDGET
  }
  return DONE
}
