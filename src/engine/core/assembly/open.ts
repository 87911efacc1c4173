// The states that the search has not done with, as a stack: those still to be entered, and below them those that were
// entered and that others follow. Each holds its words in full, so nothing is ever undone.
import { allocate, regrow } from './heap'
import { fingerprint, setState, stateBytes, words } from './state'

// A record: fingerprint; the record that this state follows (-1: none), by which thread and alternative, the sleeping
// threads, the threads that may be taken, whether it has been entered; where in its group the thread stands now, and
// the steps from the start; words.
const WORDS: usize = 40
let bytes: usize = 0
// Records lie in chunks, which stay where they are.
const CHUNK_BITS: i32 = 4
let chunks: usize = 0
let chunkCount: i32 = 0
let chunkRoom: i32 = 0
/** How many records there are. */
export let openCount: i32 = 0

export function openReset(): void {
  bytes = (WORDS + stateBytes() + 7) & ~7
  openCount = 0
}

// @ts-ignore: decorator
@inline
export function openAt(i: i32): usize {
  return <usize>load<u32>(chunks + (<usize>(i >> CHUNK_BITS) << 2)) + <usize>(i & ((1 << CHUNK_BITS) - 1)) * bytes
}

/** Makes the state of a record the current one. */
// @ts-ignore: decorator
@inline
export function goTo(i: i32): void {
  const p = openAt(i)
  setState(p + WORDS, load<u64>(p))
}

/** Makes a copy of a record's state the current one, in the free record on top. */
// @ts-ignore: decorator
@inline
export function goToCopy(i: i32): void {
  if (openCount >> CHUNK_BITS >= chunkCount) more()
  const to = openAt(openCount)
  const from = openAt(i)
  for (let at = WORDS; at < bytes; at += 8) store<u64>(to + at, load<u64>(from + at))
  setState(to + WORDS, load<u64>(from))
}

/** Makes a copy of the current state the current one, in the free record on top. */
export function goToOwnCopy(): void {
  if (openCount >> CHUNK_BITS >= chunkCount) more()
  const to = openAt(openCount) + WORDS
  if (to != words) memory.copy(to, words, stateBytes())
  setState(to, fingerprint)
}

function more(): void {
  if (chunkCount == chunkRoom) {
    chunkRoom = max(64, chunkRoom * 2)
    chunks = regrow(chunks, <usize>chunkCount << 2, <usize>chunkRoom << 2)
  }
  store<u32>(chunks + (<usize>chunkCount << 2), <u32>allocate(bytes << CHUNK_BITS))
  chunkCount++
}

/** Keeps the record on top, which has the current state. */
// @ts-ignore: decorator
@inline
export function keepOpen(before: i32, thread: i32, alternative: i32, sleep: u32, only: u32, to: i32, depth: i32): void {
  const p = openAt(openCount++)
  store<u64>(p, fingerprint)
  store<i32>(p, before, 8)
  store<i32>(p, thread, 12)
  store<i32>(p, alternative, 16)
  store<u32>(p, sleep, 20)
  store<u32>(p, only, 24)
  store<i32>(p, 0, 28)
  store<i32>(p, to, 32)
  store<i32>(p, depth, 36)
}

/** Drops the records on top that have been entered. */
// @ts-ignore: decorator
@inline
export function dropEntered(): void {
  while (openCount > 0 && load<i32>(openAt(openCount - 1), 28)) openCount--
}

export function openBefore(i: i32): i32 {
  return load<i32>(openAt(i), 8)
}

export function openThread(i: i32): i32 {
  return load<i32>(openAt(i), 12)
}

export function openAlternative(i: i32): i32 {
  return load<i32>(openAt(i), 16)
}

export function openSleep(i: i32): u32 {
  return load<u32>(openAt(i), 20)
}

export function openOnly(i: i32): u32 {
  return load<u32>(openAt(i), 24)
}

/** Whether a record is still to be entered. */
export function openWaits(i: i32): bool {
  return !isEntered(i)
}

// @ts-ignore: decorator
@inline
export function isEntered(i: i32): bool {
  return load<i32>(openAt(i), 28) != 0
}

// @ts-ignore: decorator
@inline
export function setEntered(i: i32): void {
  store<i32>(openAt(i), 1, 28)
}

export function openMovedTo(i: i32): i32 {
  return load<i32>(openAt(i), 32)
}

// @ts-ignore: decorator
@inline
export function openDepth(i: i32): i32 {
  return load<i32>(openAt(i), 36)
}

/** Where the six words of a record are that another search can take over: `before` to `entered`. */
export function openWordsAt(i: i32): usize {
  return openAt(i) + 8
}
