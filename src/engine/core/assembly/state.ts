// The global state: one word per cell, then one word per thread (its local state). Steps change a few words and keep
// a 64-bit fingerprint: each word adds key(word) * mix(value).
import { allocate } from './heap'
import { LEAF_BYTES, LOCAL_BYTES, child, leaves, locals, nodeCell, slotCode, writes } from './tables'

/** Learns what the pending step of a local state does in the current state: fills the tables up to a leaf. */
// @ts-ignore: decorator
@external('engine', 'learn')
declare function learn(local: i32, alternative: i32): void

export let cellCount: i32 = 0
export let threadCount: i32 = 0
/** Where the words of the current state are: cells, then threads. */
export let words: usize = 0
let keys: usize = 0
export let fingerprint: u64 = 0

export function stateReset(cells: i32, threads: i32): void {
  cellCount = cells
  threadCount = threads
  words = allocate(stateBytes())
  looking = allocate(stateBytes())
  keys = allocate(<usize>(cells + threads) << 3)
}

// @ts-ignore: decorator
@inline
export function stateBytes(): usize {
  return <usize>(cellCount + threadCount) << 2
}

/** Makes another state the current one. */
// @ts-ignore: decorator
@inline
export function setState(at: usize, print: u64): void {
  words = at
  fingerprint = print
}

export function setKey(word: i32, high: u32, low: u32): void {
  store<u64>(keys + (<usize>word << 3), (<u64>high << 32) | low | 1)
}

// @ts-ignore: decorator
@inline
function mixed(value: i32): u64 {
  let x = <u32>value * 0x9e3779b1
  x ^= x >>> 15
  return <u64>(x * 0x85ebca77)
}

// @ts-ignore: decorator
@inline
function share(word: i32, value: i32): u64 {
  const key = load<u64>(keys + (<usize>word << 3))
  return word < cellCount ? key * mixed(value) : key * localHash(value)
}

// @ts-ignore: decorator
@inline
function localHash(local: i32): u64 {
  return load<u64>(locals.at + <usize>local * LOCAL_BYTES, 8)
}

/** Computes the fingerprint anew, after the words were set from outside. */
export function settle(): void {
  fingerprint = 0
  for (let i = 0; i < cellCount + threadCount; i++) fingerprint += share(i, word(i))
}

// @ts-ignore: decorator
@inline
export function word(i: i32): i32 {
  return load<i32>(words + (<usize>i << 2))
}

// @ts-ignore: decorator
@inline
export function localOf(thread: i32): i32 {
  return word(cellCount + thread)
}

/** Alternatives of a local state's pending step; 0 when the thread has ended. */
// @ts-ignore: decorator
@inline
export function alternatives(local: i32): i32 {
  return load<i32>(locals.at + <usize>local * LOCAL_BYTES, 4)
}

/** The threads that need not end. */
export let endless: u32 = 0

export function setEndless(threads: u32): void {
  endless = threads
}

/** The threads that have not ended. */
export function liveThreads(): u32 {
  let live: u32 = 0
  for (let t = 0; t < threadCount; t++) if (alternatives(localOf(t)) != 0) live |= 1 << t
  return live
}

/** The leaf that the step of `local` comes to in the current state. */
// @ts-ignore: decorator
@inline
export function leafOf(local: i32, alternative: i32): i32 {
  const code = walk(local, alternative)
  return code > 0 ? code : learnt(local, alternative)
}

// @ts-ignore: decorator
@inline
function walk(local: i32, alternative: i32): i32 {
  let code = slotCode(local, alternative)
  while (code < 0) code = child(-code, word(nodeCell(-code)))
  return code
}

function learnt(local: i32, alternative: i32): i32 {
  if (aside) {
    unlearned = true
    return 0
  }
  learn(local, alternative)
  return walk(local, alternative)
}

/** Goes to a copy of another state. */
export function copyState(from: usize, print: u64): void {
  memory.copy(words, from, stateBytes())
  fingerprint = print
}

// A look at other states beside a search: its own is put aside meanwhile, and nothing is learned.
let aside: bool = false
let looking: usize = 0
let asideWords: usize = 0
let asidePrint: u64 = 0
/** Whether a leaf was asked for, since `moveAside`, that has not been learned. */
export let unlearned: bool = false

/** Puts the current state aside until `moveBack`. */
export function stepAside(): void {
  asideWords = words
  asidePrint = fingerprint
  words = looking
  aside = true
}

/** The words were set from outside. */
export function moveAside(): void {
  settle()
  unlearned = false
}

export function moveBack(): void {
  setState(asideWords, asidePrint)
  aside = false
}

/** Sets a word; the fingerprint is set apart from that. */
// @ts-ignore: decorator
@inline
function set(i: i32, value: i32): void {
  store<i32>(words + (<usize>i << 2), value)
}

/** The fingerprint of the state that follows when a thread does what the leaf says. */
// @ts-ignore: decorator
@inline
export function peek(thread: i32, leaf: i32): u64 {
  const p = leaves.at + <usize>leaf * LEAF_BYTES
  let print = fingerprint + load<u64>(keys + (<usize>(cellCount + thread) << 3)) * load<u64>(p, 40) + load<u64>(p, 32)
  const blind = load<i32>(p, 24)
  if (blind) print -= overwritten(writes.at + (<usize>load<i32>(p, 4) << 3), blind)
  return print
}

/** What `n` blind writes take from the fingerprint. */
function overwritten(first: usize, n: i32): u64 {
  let print: u64 = 0
  for (let w = first; n > 0; n--) {
    const cell = load<i32>(w)
    print += share(cell, word(cell))
    w += 8
  }
  return print
}

/** What a write adds to the fingerprint; a blind one without what it overwrites. */
export function writeShare(cell: i32, value: i32, blind: bool, old: i32): u64 {
  return share(cell, value) - (blind ? 0 : share(cell, old))
}

/** What a step from one local state to another adds to the fingerprint, without the thread's key. */
export function moveShare(from: i32, to: i32): u64 {
  return localHash(to) - localHash(from)
}

/** Does what the leaf says for a thread. */
// @ts-ignore: decorator
@inline
export function take(thread: i32, leaf: i32): void {
  fingerprint = peek(thread, leaf)
  const p = leaves.at + <usize>leaf * LEAF_BYTES
  const n = load<i32>(p, 8)
  let w = writes.at + (<usize>load<i32>(p, 4) << 3)
  for (let i = 0; i < n; i++) {
    set(load<i32>(w), load<i32>(w, 4))
    w += 8
  }
  set(cellCount + thread, load<i32>(p))
}

// Threads that may be swapped are kept in the order of their local states' hashes. Each has the thread before and the
// thread after it in its group; -1 at the ends.
const before: usize = allocate(32 * 4)
const after: usize = allocate(32 * 4)

export function setPeers(thread: i32, previous: i32, next: i32): void {
  store<i32>(before + (<usize>thread << 2), previous)
  store<i32>(after + (<usize>thread << 2), next)
}

/** Where the thread that took the last step stands now. */
export let movedTo: i32 = 0

/**
 * Puts a thread that has just taken a step into its place in its group, and its and the others' bits of `mask` with
 * it. A thread is as good as another in the same local state: where one is in the mask, so is it. Returns the mask.
 */
export function reorder(thread: i32, mask: u32): u32 {
  let t = thread
  const hash = localHash(localOf(t))
  while (true) {
    const p = load<i32>(before + (<usize>t << 2))
    if (p < 0 || localHash(localOf(p)) <= hash) break
    mask = swap(t, p, mask)
    t = p
  }
  while (true) {
    const n = load<i32>(after + (<usize>t << 2))
    if (n < 0 || localHash(localOf(n)) >= hash) break
    mask = swap(t, n, mask)
    t = n
  }
  movedTo = t
  return mask & alike(t) ? mask | (1 << t) : mask
}

/** The threads, as a mask, that may be swapped with this one without changing the state: itself among them. */
export function alike(thread: i32): u32 {
  const local = localOf(thread)
  let mask: u32 = 1 << thread
  for (let p = load<i32>(before + (<usize>thread << 2)); p >= 0 && localOf(p) == local;) {
    mask |= 1 << p
    p = load<i32>(before + (<usize>p << 2))
  }
  for (let n = load<i32>(after + (<usize>thread << 2)); n >= 0 && localOf(n) == local;) {
    mask |= 1 << n
    n = load<i32>(after + (<usize>n << 2))
  }
  return mask
}

/** Swaps two threads of a group, which have one key: the fingerprint stays. */
function swap(a: i32, b: i32, mask: u32): u32 {
  const local = localOf(a)
  set(cellCount + a, localOf(b))
  set(cellCount + b, local)
  const bits = ((mask >> a) ^ (mask >> b)) & 1
  return mask ^ ((bits << a) | (bits << b))
}
