// Partial-order reduction. At each state: a persistent set of threads, found from what each thread may still touch
// (its learned automaton), and sleep sets from what the steps really touch in this state.
//
// Footprints are learned while searching. A pass that learned something a decision may have relied on is `stale` and
// is searched again from the start; the passes end because there are finitely many local states.
//
// Cycles: every cycle of the state graph takes some thread around a cycle of its automaton. One step of each such
// cycle is marked sticky, and a state that would pick a sticky step for its persistent set takes all threads.
// (Kurshan, Levin, Minea, Peled, Yenigün: Static partial order reduction, TACAS 1998.)
import { allocate, regrow } from './heap'
import { conflict, inTheWay, leafRows } from './footprints'
import { alternatives, leafOf, localOf, threadCount } from './state'
import { BLOCKED, LEAF_BYTES, leaves } from './tables'

// What is known of each local state, a bit each.
const STICKY: u8 = 1
const LOOP_AHEAD: u8 = 2
let kinds: usize = 0
let kindsRoom: i32 = 0
/** Whether a set with a sticky member is not used. */
let stickyCounts: bool = false

export function setStickyCounts(on: bool): void {
  stickyCounts = on
}

function addKind(local: i32, kind: u8): void {
  if (local >= kindsRoom) {
    const room = max(local + 1, max(256, kindsRoom * 2))
    const old = kindsRoom
    kinds = regrow(kinds, old, room)
    memory.fill(kinds + old, 0, room - old)
    kindsRoom = room
  }
  store<u8>(kinds + local, load<u8>(kinds + local) | kind)
}

export function setSticky(local: i32): void {
  addKind(local, STICKY)
}

/** A thread can go round a loop from this local state on, or from one that can follow. */
export function setLoopAhead(local: i32): void {
  addKind(local, LOOP_AHEAD)
}

// @ts-ignore: decorator
@inline
function isOf(local: i32, kind: u8): bool {
  return local < kindsRoom && (load<u8>(kinds + local) & kind) != 0
}

/** Whether some thread can go round a loop from the current state on. */
export function loopAhead(): bool {
  for (let t = 0; t < threadCount; t++) if (isOf(localOf(t), LOOP_AHEAD)) return true
  return false
}

const adjacent: usize = allocate(32 * 4)

/** The threads that may, at any later time, touch what the step of a thread touches. */
function inTheWayOf(thread: i32, live: u32): u32 {
  const local = localOf(thread)
  let mask: u32 = 0
  for (let a = alternatives(local) - 1; a >= 0; a--) {
    const leaf = leafOf(local, a)
    let others = live & ~(1 << thread) & ~mask
    while (others) {
      const u = ctz(others)
      others &= others - 1
      if (inTheWay(leaf, localOf(u))) mask |= 1 << u
    }
  }
  return mask
}

/**
 * The threads, as a bit mask, that are enough to take from the current state. `enabled` is not empty.
 * Closed under: whoever may, at any later time, touch what the step of a member touches is a member. The footprint
 * of that step is the one of the leaf it comes to now: nobody outside changes what it reads.
 */
function persistent(enabled: u32, live: u32): u32 {
  if (enabled == live && (live & (live - 1)) == 0) return enabled
  let known: u32 = 0
  let best = enabled
  let bestSize = popcnt(enabled)
  let rest = enabled
  while (rest) {
    const t = ctz(rest)
    rest &= rest - 1
    let set: u32 = 1 << t
    let todo = set
    let spoiled = false
    while (todo) {
      const u = ctz(todo)
      todo &= todo - 1
      if (stickyCounts && isOf(localOf(u), STICKY)) spoiled = true
      if (!((known >> u) & 1)) {
        known |= 1 << u
        store<u32>(adjacent + (<usize>u << 2), inTheWayOf(u, live))
      }
      const more = load<u32>(adjacent + (<usize>u << 2)) & ~set
      set |= more
      todo |= more
      // No better than what is known.
      if (popcnt(set & enabled) >= bestSize) spoiled = true
      if (spoiled) break
    }
    if (spoiled) continue
    best = set & enabled
    bestSize = popcnt(best)
    if (bestSize == 1) break
  }
  return best
}

/** The leaf of each thread's first alternative in the state that `choices` last looked at. */
export const leafNow: usize = allocate(32 * 4)

/** All threads that can take a step in the state that `choices` last looked at. */
export let enabledNow: u32 = 0

/**
 * The threads that can take a step in the current state, as a mask; with `reduced` only as many of them as are enough.
 * None: the state is an end.
 */
export function choices(reduced: bool): u32 {
  let live: u32 = 0
  let enabled: u32 = 0
  for (let t = 0; t < threadCount; t++) {
    const local = localOf(t)
    const n = alternatives(local)
    if (n == 0) continue
    live |= 1 << t
    for (let a = n - 1; a >= 0; a--) {
      const leaf = leafOf(local, a)
      if (!blocked(leaf)) enabled |= 1 << t
      store<i32>(leafNow + (<usize>t << 2), leaf)
    }
  }
  enabledNow = enabled
  return reduced && enabled != 0 ? persistent(enabled, live) : enabled
}

/** Of the threads in `mask`, those whose next step does the same whether `leaf` is taken before or after it. */
export function independent(mask: u32, leaf: i32): u32 {
  const mine = leafRows.of(leaf)
  let kept: u32 = 0
  while (mask) {
    const u = ctz(mask)
    mask &= mask - 1
    const local = localOf(u)
    const n = alternatives(local)
    let apart = true
    for (let a = 0; a < n; a++) if (conflict(mine, leafRows.of(leafOf(local, a)))) apart = false
    if (apart) kept |= 1 << u
  }
  return kept
}

/** Whether the leaf is one that cannot be taken now. */
// @ts-ignore: decorator
@inline
export function blocked(leaf: i32): bool {
  return (load<i32>(leaves.at + <usize>leaf * LEAF_BYTES, 12) & BLOCKED) != 0
}
