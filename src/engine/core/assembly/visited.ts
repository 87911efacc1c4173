// The set of visited states, as 64-bit fingerprints.
//
// Open addressing in segments of 4,096 slots. Segments belong to one of 8 classes of unequal share (2^(i/8)), and a
// class doubles on its own by splitting each of its segments in two. So there is no moment at which the whole table
// is copied or half empty: at any size the table holds about 0.6 fingerprints a slot, 13 to 14 bytes a state.
// A segment fits the first-level cache while it is split.
import { allocate, regrow } from './heap'

const SLOTS: u32 = 4096
const FULL: u32 = 3768 // 0.92 of the slots
const CLASSES: u32 = 8
// Where classes 1 to 7 start among the 256 values of the first byte: 256 × (2^(i/8) - 1).
const STARTS: StaticArray<u8> = [23, 48, 76, 106, 139, 175, 214]

// One block: the class of each first byte, for each class its depth and its list of segments, and with threads the
// class (+ 1) that somebody wants to grow.
let classOf: usize = allocate(256 + 8 * CLASSES + 4)
let depthOf: usize = classOf + 256
let segmentsOf: usize = depthOf + 4 * CLASSES
let wantedAt: usize = segmentsOf + 4 * CLASSES
let maskBytes: usize = 0
let slotBytes: usize = 8
export let visitedCount: u64 = 0

// Segments of an earlier search, linked by their first word: a list for each size of slot.
const spares: usize = allocate(20)

// @ts-ignore: decorator
@inline
function spareList(): usize {
  return spares + (maskBytes << 2)
}

/** `bits`: of the mask that is kept with each state; 0 for none. */
function setSlots(bits: i32): void {
  maskBytes = bits == 0 ? 0 : bits <= 8 ? 1 : bits <= 16 ? 2 : 4
  slotBytes = 8 + maskBytes
}

function newSegment(): usize {
  const bytes: usize = 16 + <usize>SLOTS * slotBytes
  const segment = <usize>load<u32>(spareList())
  if (segment == 0) return allocate(bytes)
  store<u32>(spareList(), load<u32>(segment))
  memory.fill(segment, 0, bytes)
  return segment
}

function releaseAll(): void {
  for (let i: u32 = 0; i < CLASSES; i++) {
    const list = <usize>load<u32>(segmentsOf + 4 * i)
    if (list == 0) continue
    for (let j: u32 = 0; j < <u32>1 << load<u32>(depthOf + 4 * i); j++) {
      const segment = <usize>load<u32>(list + (<usize>j << 3))
      store<u32>(segment, load<u32>(spareList()))
      store<u32>(spareList(), <u32>segment)
    }
  }
}

/** Starts an empty set. Each state also keeps a mask of `maskBits`, 0 to 32. */
export function visitedReset(maskBits: i32): void {
  releaseAll()
  setSlots(maskBits)
  visitedCount = 0
  let c: u32 = 0
  for (let p: u32 = 0; p < 256; p++) {
    while (c < CLASSES - 1 && p >= <u32>unchecked(STARTS[c])) c++
    store<u8>(classOf + p, <u8>c)
  }
  for (let i: u32 = 0; i < CLASSES; i++) {
    store<u32>(depthOf + 4 * i, 0)
    const list = allocate(8)
    store<u32>(list, <u32>newSegment())
    store<u32>(segmentsOf + 4 * i, <u32>list)
  }
}

/** Where the set is, for another core to join it. */
export function visitedAt(): usize {
  return classOf
}

/** Uses the set of another core in the same memory. The memory has to be compiled for threads. */
export function visitedJoin(at: usize, maskBits: i32): void {
  classOf = at
  depthOf = classOf + 256
  segmentsOf = depthOf + 4 * CLASSES
  wantedAt = segmentsOf + 4 * CLASSES
  setSlots(maskBits)
  visitedCount = 0
}

/** With threads: whether somebody found a segment full. All cores have to stop then, and one of them has to `grow`. */
// @ts-ignore: decorator
@inline
export function growthWanted(): bool {
  return ASC_FEATURE_THREADS && atomic.load<u32>(wantedAt) != 0
}

/** Does what `growthWanted` is about. Nobody else may use the set meanwhile. */
export function grow(): void {
  const wanted = load<u32>(wantedAt)
  if (wanted == 0) return
  split(wanted - 1)
  store<u32>(wantedAt, 0)
}

/** How many segments there are, over all classes. */
export function segmentCount(): i32 {
  let n = 0
  for (let i: u32 = 0; i < CLASSES; i++) n += 1 << load<u32>(depthOf + 4 * i)
  return n
}

let bufferAt: usize = 0

/** Room for the fingerprints of one segment, and behind all of them their masks. */
export function buffer(): usize {
  if (bufferAt == 0) bufferAt = allocate(<usize>SLOTS * 12)
  return bufferAt
}

/** Puts what is in a segment to the front of the buffer's two parts. Returns how many. */
export function copySegment(index: i32): i32 {
  let c: usize = 0
  for (; index >= 1 << load<u32>(depthOf + c); c += 4) index -= 1 << load<u32>(depthOf + c)
  const segment = <usize>load<u32>(<usize>load<u32>(segmentsOf + c) + (<usize>index << 3))
  const to = buffer()
  let n: usize = 0
  for (let i: usize = 0; i < <usize>SLOTS; i++) {
    const h = load<u64>(segment + 16 + (i << 3))
    if (h == 0) continue
    store<u64>(to + (n << 3), h)
    memory.copy(to + <usize>SLOTS * 8 + n * maskBytes, maskOf(segment, i), maskBytes)
    n++
  }
  return <i32>n
}

/** Adds what `copySegment` had put into the buffer. Nobody else may use the set meanwhile. */
export function addCopied(n: i32): void {
  const from = buffer()
  for (let i: usize = 0; i < <usize>n; i++) {
    while (visit(load<u64>(from + (i << 3))) == FULL_UP) grow()
    memory.copy(maskAt, from + <usize>SLOTS * 8 + i * maskBytes, maskBytes)
  }
}

/** How many fingerprints the buffer has room for. */
export function bufferEntries(): i32 {
  return <i32>SLOTS
}

/** Bytes that each fingerprint takes in the second part of the buffer. */
export function bytesOfMask(): i32 {
  return <i32>maskBytes
}

/** The entry of the list that a fingerprint belongs to: where the segment is, and how many slots are taken in it. */
// @ts-ignore: decorator
@inline
function entryFor(h: u64): usize {
  const c = <usize>classFor(h) << 2
  const mask = (<u32>1 << load<u32>(depthOf + c)) - 1
  return <usize>load<u32>(segmentsOf + c) + (<usize>(<u32>(h >>> 24) & mask) << 3)
}

// @ts-ignore: decorator
@inline
function classFor(h: u64): u32 {
  return load<u8>(classOf + <usize>(h >>> 56))
}

function split(which: u32): void {
  const c = <usize>which << 2
  const depth = load<u32>(depthOf + c)
  const n: usize = 1 << depth
  const list = regrow(load<u32>(segmentsOf + c), n << 3, n << 4)
  for (let i: usize = 0; i < n; i++) {
    const entry = list + (i << 3)
    const other = list + ((n + i) << 3)
    store<u32>(other, <u32>newSegment())
    const moved = rehash(load<u32>(entry), load<u32>(other), <u64>1 << (24 + depth))
    store<u32>(entry, load<u32>(entry, 4) - moved, 4)
    store<u32>(other, moved, 4)
  }
  store<u32>(segmentsOf + c, <u32>list)
  store<u32>(depthOf + c, depth + 1)
}

/**
 * Deals the entries of `old` out to itself and to `half` by one bit of the fingerprint. Returns how many moved.
 * In place: beginning behind a free slot, no entry's own place is further on than where it lies.
 */
function rehash(old: usize, half: usize, bit: u64): u32 {
  let moved: u32 = 0
  let first: usize = 0
  while (load<u64>(old + 16 + (first << 3)) != 0) first++
  for (let i: usize = 1; i < <usize>SLOTS; i++) {
    const from = (first + i) & <usize>(SLOTS - 1)
    const h = load<u64>(old + 16 + (from << 3))
    if (h == 0) continue
    store<u64>(old + 16 + (from << 3), 0)
    const to = h & bit ? half : old
    const slot = place(to, h)
    store<u64>(to + 16 + (slot << 3), h)
    if (to == half) moved++
    if (maskBytes && (to == half || slot != from)) moveMask(maskOf(to, slot), maskOf(old, from))
  }
  return moved
}

function moveMask(to: usize, from: usize): void {
  memory.copy(to, from, maskBytes)
  memory.fill(from, 0, maskBytes)
}

/** The slot of `h` in a segment, or the free slot where it belongs. */
// @ts-ignore: decorator
@inline
function place(segment: usize, h: u64): usize {
  let slot = <usize>(<u32>h & (SLOTS - 1))
  while (true) {
    const x = load<u64>(segment + 16 + (slot << 3))
    if (x == h || x == 0) return slot
    slot = (slot + 1) & (SLOTS - 1)
  }
}

/** Where the place of a fingerprint is. */
// @ts-ignore: decorator
@inline
export function touch(h: u64): usize {
  return <usize>load<u32>(entryFor(h)) + 16 + (<usize>(<u32>h & (SLOTS - 1)) << 3)
}

/** Whether a fingerprint is in the set. */
export function known(fingerprint: u64): bool {
  const h = fingerprint == 0 ? 1 : fingerprint
  const segment = <usize>load<u32>(entryFor(h))
  return load<u64>(segment + 16 + (place(segment, h) << 3)) == h
}

// @ts-ignore: decorator
@inline
function maskOf(segment: usize, slot: usize): usize {
  return segment + 16 + <usize>SLOTS * 8 + slot * maskBytes
}

/** Where the mask of the state last looked up is kept (only with masks). */
let maskAt: usize = 0

/** The mask of the state last looked up. */
export function mask(): u32 {
  if (maskBytes == 1) return load<u8>(maskAt)
  return maskBytes == 2 ? load<u16>(maskAt) : load<u32>(maskAt)
}

/** Keeps a mask with the state last looked up. */
export function setMask(value: u32): void {
  if (maskBytes == 1) store<u8>(maskAt, <u8>value)
  else if (maskBytes == 2) store<u16>(maskAt, <u16>value)
  else store<u32>(maskAt, value)
}

/** Only with threads: adds bits to the mask of the state last looked up. Returns the mask before. */
export function addToMask(bits: u32): u32 {
  if (maskBytes == 1) return atomic.or<u8>(maskAt, <u8>bits)
  return maskBytes == 2 ? atomic.or<u16>(maskAt, <u16>bits) : atomic.or<u32>(maskAt, bits)
}

/** What `visit` says. */
export const KNOWN: i32 = 0
export const NEW: i32 = 1
/** Only with threads: there was no room, the fingerprint has not been added; see `growthWanted`. */
export const FULL_UP: i32 = 2

/** Adds a fingerprint. Returns KNOWN, NEW or FULL_UP. */
export function visit(fingerprint: u64): i32 {
  const h = fingerprint == 0 ? 1 : fingerprint
  if (ASC_FEATURE_THREADS) return visitShared(h)
  let entry = entryFor(h)
  let segment = <usize>load<u32>(entry)
  let slot = place(segment, h)
  if (load<u64>(segment + 16 + (slot << 3)) == h) {
    maskAt = maskOf(segment, slot)
    return KNOWN
  }
  if (load<u32>(entry, 4) >= FULL) {
    split(classFor(h))
    entry = entryFor(h)
    segment = load<u32>(entry)
    slot = place(segment, h)
  }
  store<u64>(segment + 16 + (slot << 3), h)
  store<u32>(entry, load<u32>(entry, 4) + 1, 4)
  maskAt = maskOf(segment, slot)
  visitedCount++
  return NEW
}

/** The same beside other cores that add fingerprints. */
function visitShared(h: u64): i32 {
  const entry = entryFor(h)
  const segment = <usize>load<u32>(entry)
  let slot = place(segment, h)
  while (true) {
    const p = segment + 16 + (slot << 3)
    maskAt = maskOf(segment, slot)
    let x = atomic.load<u64>(p)
    if (x == 0) {
      if (atomic.load<u32>(entry, 4) >= FULL) {
        atomic.store<u32>(wantedAt, classFor(h) + 1)
        return FULL_UP
      }
      x = atomic.cmpxchg<u64>(p, 0, h)
      if (x == 0) {
        atomic.add<u32>(entry, 1, 4)
        visitedCount++
        return NEW
      }
    }
    if (x == h) return KNOWN
    slot = (slot + 1) & (SLOTS - 1)
  }
}
