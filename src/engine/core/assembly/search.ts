// Depth-first search over all interleavings. Returns to its caller at every event and every `budget` steps; call it
// again to go on.
import { exactReset, isState, keep } from './exact'
import { allocate, heapTop, regrow } from './heap'
import { choices, independent, leafNow } from './reduction'
import { alike, alternatives, fingerprint, leafOf, localOf, logCount, movedTo, peek, reorder, rollback, take, threadCount } from './state'
import { BLOCKED, LEAF_BYTES, VIOLATES, leaves } from './tables'
import { addToMask, FULL_UP, growthWanted, isIn, mask, NEW, setMask, touch, visit, visitedCount } from './visited'

export const DONE: i32 = 0
export const BUDGET: i32 = 1
/** A step violates an oracle not seen violated before: the last frame's thread and alternative are that step. */
export const VIOLATION: i32 = 2
/** All threads have ended and the final condition is violated. */
export const FINAL_VIOLATION: i32 = 3
export const DEADLOCK: i32 = 4
export const STATES: i32 = 5
export const MEMORY: i32 = 6
/** Only with threads: the set of visited states has to grow while nobody uses it. */
export const GROWTH: i32 = 7
/** Only with exact states: two states have the same fingerprint. */
export const COLLISION: i32 = 8

// A frame: fingerprint before the step, log length before it, threads still to take, sleeping threads, the thread
// and alternative being taken, whether any step was possible, where in its group the thread stands after the step.
const FRAME: usize = 40
let frames: usize = 0
let room: i32 = 0
export let depth: i32 = -1
/** Steps before the first frame: not 0 for a part of a search that another core gave away. */
let depthBefore: i32 = 0

let reduce: bool = false
let asleep: bool = false
let symmetric: bool = false
let exact: bool = false
let depthLimit: i32 = i32.MAX_VALUE
let stateLimit: u64 = u64.MAX_VALUE
let memoryLimit: usize = usize.MAX_VALUE
let finalLocal: i32 = -1

export let transitions: u64 = 0
export let maxDepth: i32 = 0
/** Set when a state was not entered because of the depth limit. */
export let truncated: bool = false
/** The `sometimes` conditions reached so far, a bit each. */
export let marks: u32 = 0
/** The leaf of the last event. */
export let eventLeaf: i32 = 0
export let eventAlternative: i32 = 0
/** The oracles seen violated so far, a bit each. Deadlock has the last one. */
export let seen: u32 = 0
const DEADLOCK_BIT: u32 = 1 << 31
let finals: u64 = 0

export function finalCount(): f64 {
  return <f64>finals
}

export function searchReset(
  persistentSets: bool, sleepSets: bool, symmetry: bool, exactStates: bool, maxDepthAllowed: i32, maxStates: f64, maxBytes: f64, final: i32,
): void {
  reduce = persistentSets
  asleep = sleepSets
  symmetric = symmetry
  exact = exactStates
  if (exact) exactReset()
  depthLimit = maxDepthAllowed
  stateLimit = <u64>maxStates
  memoryLimit = <usize>maxBytes
  finalLocal = final
  transitions = 0
  finals = 0
  maxDepth = 0
  truncated = false
  marks = 0
  seen = 0
  if (room == 0) {
    room = 256
    frames = allocate(<usize>room * FRAME)
  }
  depth = -1
  depthBefore = 0
}

// @ts-ignore: decorator
@inline
function frameAt(d: i32): usize {
  return frames + <usize>d * FRAME
}

export function frameThread(d: i32): i32 {
  return load<i32>(frameAt(d), 20)
}

export function frameAlternative(d: i32): i32 {
  return load<i32>(frameAt(d), 24)
}

/** Where the thread taken at a depth stood in its group afterwards. */
export function frameMovedTo(d: i32): i32 {
  return load<i32>(frameAt(d), 32)
}

/** Visits the initial state, which is the current one. */
export function begin(): i32 {
  visit(fingerprint)
  if (asleep) setMask(ASC_FEATURE_THREADS ? u32.MAX_VALUE : 0)
  else if (exact) setMask(keep())
  return push(0, u32.MAX_VALUE)
}

/** Starts with the current state, `before` steps from the start, and takes only what another core has given away. */
export function beginWith(todo: u32, sleep: u32, before: i32): void {
  depth = -1
  depthBefore = before
  for (let t = 0; t < threadCount; t++) if ((sleep >> t) & 1) sleep |= alike(t)
  push(sleep, 0)
  store<i32>(frameAt(0), 1, 28)
  store<u32>(frameAt(0), todo & ~sleep, 12)
}

/** Where the six words of a frame are that another search can take over with `restoreFrame`: `todo` to `movedTo`. */
export function frameWordsAt(d: i32): usize {
  return frameAt(d) + 12
}

/** Takes a step as the search would, without a frame. Returns which threads then need not be taken, of those in `sleep`. */
export function follow(thread: i32, leaf: i32, sleep: u32): u32 {
  const still = asleep ? independent(sleep, leaf) : 0
  take(thread, leaf)
  return symmetric ? reorder(thread, still) : still
}

/** Enters the current state as an earlier search had. With `taken` it goes on to the state that its step leads to. */
export function restoreFrame(todo: u32, sleep: u32, thread: i32, alternative: i32, any: i32, to: i32, taken: bool): void {
  newFrame()
  const f = frameAt(depth)
  store<u32>(f, todo, 12)
  store<u32>(f, sleep, 16)
  store<i32>(f, thread, 20)
  store<i32>(f, alternative, 24)
  store<i32>(f, any, 28)
  store<i32>(f, to, 32)
  if (!taken) return
  take(thread, leafOf(localOf(thread), alternative))
  if (symmetric) reorder(thread, 0)
}

/** Goes on with the numbers of an earlier search. */
export function restoreCounts(steps: f64, ends: f64, deepest: i32, cut: bool, marksBefore: u32, seenBefore: u32): void {
  transitions = <u64>steps
  finals = <u64>ends
  maxDepth = deepest
  truncated = cut
  marks = marksBefore
  seen = seenBefore
}

/** The threads still to take at a depth. */
export function frameTodo(d: i32): u32 {
  return load<u32>(frameAt(d), 12)
}

/** The threads that need not be taken at a depth, with those that have been or are being taken. */
export function frameSleep(d: i32): u32 {
  const taken = load<i32>(frameAt(d), 20)
  return load<u32>(frameAt(d), 16) | (taken < 0 ? 0 : 1 << taken)
}

/** Leaves the threads in `mask` out at a depth: somebody else takes them. */
export function frameWithout(d: i32, mask: u32): void {
  store<u32>(frameAt(d), frameTodo(d) & ~mask, 12)
}

function newFrame(): void {
  depth++
  if (depthBefore + depth > maxDepth) maxDepth = depthBefore + depth
  if (depth >= room) {
    frames = regrow(frames, <usize>room * FRAME, <usize>room * 2 * FRAME)
    room *= 2
  }
  const f = frameAt(depth)
  store<u64>(f, fingerprint)
  store<i32>(f, logCount, 8)
}

/** Enters the current state. `only` restricts the threads to take (a state entered again). Returns an event or DONE. */
function push(sleep: u32, only: u32): i32 {
  newFrame()
  const f = frameAt(depth)
  store<u32>(f, sleep, 16)
  store<i32>(f, -1, 20)
  store<i32>(f, 0, 24)
  store<i32>(f, 0, 28)
  const enough = choices(reduce)
  store<i32>(f, enough ? 1 : 0, 28)
  // Asleep before, woken now, but not a member: the members' successors hear of it.
  const todo = only & ~enough ? enough & ~sleep : enough & ~sleep & only
  store<u32>(f, asleep || exact ? todo : withoutKnown(todo), 12)
  return DONE
}

const ahead: usize = allocate(32 * 16)

/**
 * Of the threads in `todo`, those whose step does not lead to a visited state, or does more than that. The places of
 * all successors in the table are touched first and looked at afterwards, so that the memory's answers overlap.
 */
function withoutKnown(todo: u32): u32 {
  let plain: u32 = 0
  let rest = todo
  while (rest) {
    const t = ctz(rest)
    rest &= rest - 1
    const local = localOf(t)
    if (alternatives(local) != 1) continue
    const leaf = load<i32>(leafNow + (<usize>t << 2))
    if (load<i32>(leaves.at + <usize>leaf * LEAF_BYTES, 12)) continue
    if (symmetric) {
      const others = alike(t) & ~(1 << t)
      rest &= ~others
      todo &= ~others
    }
    const successor = peek(t, leaf)
    store<u64>(ahead + (<usize>t << 4), successor)
    store<u32>(ahead + (<usize>t << 4), <u32>touch(successor), 8)
    plain |= 1 << t
    marks |= load<u32>(leaves.at + <usize>leaf * LEAF_BYTES, 20)
  }
  while (plain) {
    const t = ctz(plain)
    plain &= plain - 1
    const at = ahead + (<usize>t << 4)
    if (!isIn(<usize>load<u32>(at, 8), load<u64>(at))) continue
    todo &= ~(1 << t)
    transitions++
  }
  return todo
}

/** The current state has no successor: all threads have ended, or nobody can go on. */
function end(): i32 {
  for (let t = 0; t < threadCount; t++) {
    if (alternatives(localOf(t)) == 0) continue
    const known = seen & DEADLOCK_BIT
    seen |= DEADLOCK_BIT
    return known ? DONE : DEADLOCK
  }
  finals++
  if (finalLocal < 0) return DONE
  eventLeaf = leafOf(finalLocal, 0)
  const p = leaves.at + <usize>eventLeaf * LEAF_BYTES
  marks |= load<u32>(p, 20)
  return news(p) ? FINAL_VIOLATION : DONE
}

/** Whether the leaf violates an oracle for the first time. */
function news(leafAt: usize): bool {
  if (!(load<i32>(leafAt, 12) & VIOLATES)) return false
  const bit = <u32>1 << load<i32>(leafAt, 16)
  const known = seen & bit
  seen |= bit
  return !known
}

/** At STATES and MEMORY: what is left of the budget. */
export let budgetLeft: i32 = 0

/** Searches on. Returns DONE when everything has been searched, else the event it stopped at. */
export function search(budget: i32): i32 {
  while (depth >= 0) {
    if (growthWanted()) return GROWTH
    const f = frameAt(depth)
    let thread = load<i32>(f, 20)
    let alternative = load<i32>(f, 24)
    if (thread >= 0) {
      rollback(load<i32>(f, 8), load<u64>(f))
      alternative++
      if (alternative >= alternatives(localOf(thread))) {
        store<u32>(f, load<u32>(f, 16) | (symmetric ? alike(thread) : 1 << thread), 16)
        thread = -1
      }
    }
    if (thread < 0) {
      const todo = load<u32>(f, 12)
      if (todo == 0) {
        const any = load<i32>(f, 28)
        if (any) {
          depth--
          continue
        }
        // Look at the end only once, and only then leave the state.
        store<i32>(f, 1, 28)
        store<i32>(f, -1, 20)
        const event = end()
        if (event != DONE) return event
        continue
      }
      thread = ctz(todo)
      store<u32>(f, todo & ~(symmetric ? alike(thread) : 1 << thread), 12)
      alternative = 0
      if (alternatives(localOf(thread)) == 0) {
        store<i32>(f, -1, 20)
        continue
      }
    }
    store<i32>(f, thread, 20)
    store<i32>(f, alternative, 24)
    store<i32>(f, thread, 32)
    const leaf = leafOf(localOf(thread), alternative)
    const p = leaves.at + <usize>leaf * LEAF_BYTES
    const flags = load<i32>(p, 12)
    if (flags & BLOCKED) continue
    marks |= load<u32>(p, 20)
    if (flags != 0 && news(p)) {
      // Come back to this very step when the search goes on.
      eventLeaf = leaf
      store<i32>(f, alternative - 1, 24)
      eventAlternative = alternative
      return VIOLATION
    }
    store<i32>(f, 1, 28)
    let sleep: u32 = asleep ? independent(load<u32>(f, 16), leaf) : 0
    take(thread, leaf)
    if (symmetric) {
      sleep = reorder(thread, sleep)
      store<i32>(f, movedTo, 32)
    }
    const visited = visit(fingerprint)
    if (ASC_FEATURE_THREADS && visited == FULL_UP) {
      store<i32>(f, alternative - 1, 24)
      return GROWTH
    }
    transitions++
    if (exact) {
      if (visited == NEW) setMask(keep())
      else if (!isState(mask())) return COLLISION
    }
    let enter = visited == NEW
    let only = u32.MAX_VALUE
    let pass = sleep
    if (ASC_FEATURE_THREADS) {
      if (asleep) {
        // The mask holds what is taken, so that 0, a state just added, means the same as elsewhere: nothing yet.
        const taken = addToMask(~sleep)
        only = ~sleep & ~taken & (threadCount == 32 ? u32.MAX_VALUE : (<u32>1 << threadCount) - 1)
        pass = sleep & ~taken
        enter = only != 0
      }
    } else if (enter) {
      if (asleep) setMask(sleep)
    } else if (asleep) {
      const stored = mask()
      only = stored & ~sleep
      if (only != 0) {
        enter = true
        pass = stored & sleep
        setMask(pass)
      }
    }
    if (enter) {
      if (depthBefore + depth + 1 > depthLimit) truncated = true
      else push(pass, only)
      if (visitedCount >= stateLimit || heapTop() > memoryLimit) {
        budgetLeft = budget - 1
        return visitedCount >= stateLimit ? STATES : MEMORY
      }
    }
    if (--budget <= 0) return BUDGET
  }
  return DONE
}
