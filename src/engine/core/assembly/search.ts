// Depth-first search over all interleavings. Returns to its caller at every event and every `budget` steps; call it
// again to go on.
//
// Several of the states on top of the stack are entered at once: all the steps that can be taken there are collected,
// their places in the table of visited states are touched, so that the memory's answers overlap, and only then are
// they looked at. A step to a visited state is never taken.
import { exactReset, isState, keep } from './exact'
import { allocate, heapTop, regrow } from './heap'
import { relyOnNothing } from './footprints'
import { choices, independent, leafNow } from './reduction'
import {
  dropEntered, goTo, goToCopy, goToOwnCopy, isEntered, keepOpen, openAlternative, openBefore, openCount, openDepth, openOnly, openReset, openSleep,
  openThread, setEntered,
} from './open'
import { alike, alternatives, endless, fingerprint, leafOf, liveThreads, localOf, movedTo, peek, reorder, take, threadCount } from './state'
import { BLOCKED, LEAF_BYTES, VIOLATES, leaves } from './tables'
import { addToMask, FULL_UP, growthWanted, homeAt, isFull, knownAt, mask, nextTo, NEW, setMask, visit, visitedCount } from './visited'

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

let reduce: bool = false
let asleep: bool = false
let symmetric: bool = false
let exact: bool = false
let depthLimit: i32 = i32.MAX_VALUE
let stateLimit: u64 = u64.MAX_VALUE
let memoryLimit: usize = usize.MAX_VALUE
let finalLocal: i32 = -1

export let transitions: u64 = 0
/** Steps from the start to the state entered last. */
export let depth: i32 = 0
export let maxDepth: i32 = 0
/** Set when a state was not entered because of the depth limit. */
export let truncated: bool = false
/** The `sometimes` conditions reached so far, a bit each. */
export let marks: u32 = 0
/** Of the last event: the state, as a record of the stack; at a VIOLATION also the step. */
export let eventOpen: i32 = 0
export let eventThread: i32 = 0
export let eventAlternative: i32 = 0
export let eventLeaf: i32 = 0
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
  depth = 0
  maxDepth = 0
  truncated = false
  marks = 0
  seen = 0
  openReset()
  aheadCount = 0
  relyOnNothing()
  lastStep = u64.MAX_VALUE
}

/** Visits the initial state, which is the current one. */
export function begin(): void {
  visit(fingerprint)
  if (asleep) setMask(ASC_FEATURE_THREADS ? u32.MAX_VALUE : 0)
  else if (exact) setMask(keep())
  beginWith(u32.MAX_VALUE, 0, 0)
}

/** Starts with the current state, `before` steps from the start, and takes only what another core has given away. */
export function beginWith(only: u32, sleep: u32, before: i32): void {
  openReset()
  goToOwnCopy()
  keepOpen(-1, -1, 0, sleep, only, 0, before)
  if (before > maxDepth) maxDepth = before
}

/** Takes a step as the search would, without a record. Returns which threads then need not be taken, of those in `sleep`. */
export function follow(thread: i32, leaf: i32, sleep: u32): u32 {
  const still = asleep ? independent(sleep, leaf) : 0
  take(thread, leaf)
  return symmetric ? reorder(thread, still) : still
}

/** Puts a record of an earlier search on the stack; of the first one the state is the current one. */
export function restoreOpen(before: i32, thread: i32, alternative: i32, sleep: u32, only: u32, entered: bool): void {
  if (before < 0) {
    goToOwnCopy()
    keepOpen(before, thread, alternative, sleep, only, 0, 0)
  } else {
    goToCopy(before)
    take(thread, leafOf(localOf(thread), alternative))
    if (symmetric) reorder(thread, 0)
    keepOpen(before, thread, alternative, sleep, only, symmetric ? movedTo : thread, openDepth(before) + 1)
  }
  if (entered) setEntered(openCount - 1)
}

/** Goes on with the numbers of an earlier search. */
export function restoreCounts(steps: f64, ends: f64, deepest: i32, cut: bool, marksBefore: u32, seenBefore: u32, last: f64): void {
  transitions = <u64>steps
  finals = <u64>ends
  maxDepth = deepest
  truncated = cut
  marks = marksBefore
  seen = seenBefore
  if (last >= 0) lastStep = <u64>last
}

/** Takes the lowest state that has not been entered off the search's hands, if there is another. Returns its record, or -1. */
export function giveAway(): i32 {
  let lowest = 0
  while (lowest < openCount && isEntered(lowest)) lowest++
  for (let i = lowest + 1; i < openCount; i++) {
    if (isEntered(i)) continue
    setEntered(lowest)
    return lowest
  }
  return -1
}

// Steps that can be taken, not taken yet: fingerprint of what they lead to, record of the state, thread and
// alternative, leaf, sleeping threads, and where its place in the table is.
const STEP: usize = 32
let ahead: usize = 0
let aheadRoom: i32 = 0
let aheadCount: i32 = 0

// @ts-ignore: decorator
@inline
function aheadAt(i: i32): usize {
  return ahead + <usize>i * STEP
}

// @ts-ignore: decorator
@inline
function addAhead(from: i32, thread: i32, alternative: i32, leaf: i32, sleep: u32): void {
  if (aheadCount >= aheadRoom) {
    const old = aheadRoom
    aheadRoom = max(64, old * 2)
    ahead = regrow(ahead, <usize>old * STEP, <usize>aheadRoom * STEP)
  }
  const p = aheadAt(aheadCount++)
  store<u64>(p, peek(thread, leaf))
  store<i32>(p, from, 8)
  store<i32>(p, thread, 12)
  store<i32>(p, alternative, 16)
  store<i32>(p, leaf, 20)
  store<u32>(p, sleep, 24)
}

/** Collects the steps that can be taken from an open state. Returns an event or DONE. */
function enter(i: i32): i32 {
  goTo(i)
  depth = openDepth(i)
  const enough = choices(reduce)
  if (enough == 0) {
    setEntered(i)
    eventOpen = i
    return end()
  }
  let sleep = openSleep(i)
  const only = openOnly(i)
  // Asleep before, woken now, but not a member: the members' successors hear of it.
  let todo = only & ~enough ? enough & ~sleep : enough & ~sleep & only
  const first = aheadCount
  while (todo) {
    const thread = ctz(todo)
    const same = symmetric ? alike(thread) : <u32>1 << thread
    todo &= ~same
    const local = localOf(thread)
    const n = alternatives(local)
    for (let a = 0; a < n; a++) {
      const leaf = a == 0 ? load<i32>(leafNow + (<usize>thread << 2)) : leafOf(local, a)
      const p = leaves.at + <usize>leaf * LEAF_BYTES
      const flags = load<i32>(p, 12)
      marks |= load<u32>(p, 20)
      if (flags) {
        if (flags & BLOCKED) continue
        if (news(p)) {
          // The state is entered again when the search goes on.
          aheadCount = first
          eventOpen = i
          eventThread = thread
          eventAlternative = a
          eventLeaf = leaf
          return VIOLATION
        }
      }
      addAhead(i, thread, a, leaf, asleep ? independent(sleep, leaf) : 0)
    }
    sleep |= same
  }
  setEntered(i)
  return DONE
}

/** Whether who waits, where nobody can go on, may wait for ever: it need not end, and somebody has ended. */
export function atRest(): bool {
  const live = liveThreads()
  return (live & ~endless) == 0 && (live == 0 || <i32>popcnt(live) < threadCount)
}

/** The current state has no successor: all threads have ended, or nobody can go on. */
function end(): i32 {
  if (!atRest()) {
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

/** Looks where a step leads to. A state to be entered goes onto the stack. Returns an event or DONE. */
// @ts-ignore: decorator
@inline
function look(p: usize): i32 {
  if (load<u32>(p, 28) && !asleep && !exact) return DONE
  const visited = visit(load<u64>(p))
  if (ASC_FEATURE_THREADS && visited == FULL_UP) return GROWTH
  return visited == NEW || asleep || exact ? put(p, visited == NEW) : DONE
}

function put(p: usize, isNew: bool): i32 {
  const from = load<i32>(p, 8)
  const thread = load<i32>(p, 12)
  goToCopy(from)
  take(thread, load<i32>(p, 20))
  let sleep = load<u32>(p, 24)
  if (symmetric) sleep = reorder(thread, sleep)
  if (exact) {
    if (isNew) setMask(keep())
    else return isState(mask()) ? DONE : COLLISION
  }
  let only = u32.MAX_VALUE
  if (ASC_FEATURE_THREADS && asleep) {
    // The mask holds what is taken, so that 0, a state just added, means the same as elsewhere: nothing yet.
    const taken = addToMask(~sleep)
    only = ~sleep & ~taken & (threadCount == 32 ? u32.MAX_VALUE : (<u32>1 << threadCount) - 1)
    if (only == 0) return DONE
    sleep &= ~taken
  } else if (isNew) {
    if (asleep) setMask(sleep)
  } else {
    const stored = mask()
    only = stored & ~sleep
    if (only == 0) return DONE
    sleep &= stored
    setMask(sleep)
  }
  const steps = openDepth(from) + 1
  if (steps > depthLimit) {
    truncated = true
    return DONE
  }
  if (steps > maxDepth) maxDepth = steps
  keepOpen(from, thread, load<i32>(p, 16), sleep, only, symmetric ? movedTo : thread, steps)
  return DONE
}

/** Sums up what was touched, so that touching is not optimised away. */
export let touched: u64 = 0

/**
 * Looks up where the steps collected lead to, as far as that needs no writing: in loops that do next to nothing else, so that the
 * memory's answers overlap.
 */
function lookAhead(): void {
  let sum: u64 = 0
  const end = aheadAt(aheadCount)
  for (let p = ahead; p < end; p += STEP) store<u32>(p, <u32>homeAt(load<u64>(p)), 28)
  for (let p = ahead; p < end; p += STEP) sum ^= load<u64>(load<u32>(p, 28))
  for (let p = ahead; p < end; p += STEP) {
    const h = load<u64>(p)
    const at = <usize>load<u32>(p, 28)
    const is = knownAt(h, at)
    store<u32>(p, <u32>is, 28)
    if (!is && isFull(h, at)) sum ^= load<u64>(nextTo(h))
  }
  touched = sum
}

/** The search stops at BUDGET when it has taken so many steps. */
let lastStep: u64 = u64.MAX_VALUE

/**
 * The search will have to be repeated, and goes on only to learn: for as long again as it has taken to find that out, so that what
 * is found early costs little and what is found late is not all there was to find. (Without reduction nothing rests on what grew.)
 */
export function endSoon(): void {
  if (reduce) lastStep = min(lastStep, transitions * 2 + 1000)
}

/** When the search ends for `endSoon`, in steps; negative: it does not. */
export function endsAt(): f64 {
  return lastStep == u64.MAX_VALUE ? -1 : <f64>lastStep
}

/** Searches on. Returns DONE when everything has been searched, else the event it stopped at. */
export function search(budget: i32): i32 {
  while (true) {
    if (growthWanted()) return GROWTH
    while (aheadCount > 0) {
      const event = look(aheadAt(aheadCount - 1))
      if (event == GROWTH) return event
      aheadCount--
      transitions++
      budget--
      if (event != DONE) return event
    }
    if (visitedCount >= stateLimit || heapTop() > memoryLimit) {
      return visitedCount >= stateLimit ? STATES : MEMORY
    }
    if (budget <= 0 || transitions >= lastStep) return BUDGET
    dropEntered()
    let i = openCount - 1
    if (i < 0) return DONE
    const most = min(WIDTH, 1 + <i32>(visitedCount >> 16))
    while (aheadCount < most && i >= 0 && !isEntered(i)) {
      const event = enter(i--)
      if (event != DONE) return event
    }
    lookAhead()
  }
}

const WIDTH: i32 = 32
