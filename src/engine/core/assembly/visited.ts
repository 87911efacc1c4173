// The set of visited states, as 64-bit fingerprints (buckets.ts says how they are kept), each with a mask.
import { FURTHEST, Segment, awaitCode, claimEntry, codeAt, codeOf, furtherAt, homeOf, placeOf, setEntry, slotsWith } from './buckets'
import { maskBytes, setMaskBytes } from './mask-bytes'
import {
  bucketAt, countAt, growSegment, joinSegments, maskIn, newSegments, releaseSegments, segment, segmentOf, segmentsAt, wantedAt,
} from './segments'

export let visitedCount: u64 = 0

/** Starts an empty set. Each state also keeps a mask of `maskBits`, 0 to 32. */
export function visitedReset(maskBits: i32): void {
  releaseSegments()
  setMaskBytes(bytesFor(maskBits))
  visitedCount = 0
  newSegments()
}

function bytesFor(bits: i32): usize {
  return bits == 0 ? 0 : bits <= 8 ? 1 : bits <= 16 ? 2 : 4
}

/** Where the set is, for another core to join it. */
export function visitedAt(): usize {
  return segmentsAt()
}

/** Uses the set of another core in the same memory. The memory has to be compiled for threads. */
export function visitedJoin(at: usize, maskBits: i32): void {
  joinSegments(at)
  setMaskBytes(bytesFor(maskBits))
  visitedCount = 0
}

/** With threads: whether somebody found a segment full. All cores have to stop then, and one of them has to `grow`. */
// @ts-ignore: decorator
@inline
export function growthWanted(): bool {
  return ASC_FEATURE_THREADS && atomic.load<u32>(wantedAt()) != 0
}

/** Does what `growthWanted` is about. Nobody else may use the set meanwhile. */
export function grow(): void {
  const wanted = load<u32>(wantedAt())
  if (wanted == 0) return
  const s = segment(wanted - 1)
  if (s.count >= s.limit) growSegment(wanted - 1)
  else s.stash.grow()
  store<u32>(wantedAt(), 0)
}

// Tags of 0 are those of free slots.
// @ts-ignore: decorator
@inline
function told(fingerprint: u64): u64 {
  return <u32>fingerprint == 0 ? fingerprint | 1 : fingerprint
}

/** The bucket where a fingerprint belongs. */
// @ts-ignore: decorator
@inline
export function homeAt(fingerprint: u64): usize {
  const s = segmentOf(fingerprint)
  return bucketAt(s, homeOf(placeOf(s, fingerprint)))
}

/** Whether a fingerprint is where it belongs; if not, it may still be elsewhere. */
// @ts-ignore: decorator
@inline
export function knownAt(fingerprint: u64, at: usize): bool {
  const s = segmentOf(fingerprint)
  const slots = slotsWith(s, at, <u32>fingerprint)
  if (!slots) return false
  const slot = <u32>ctz(slots)
  return codeAt(s, at, slot) == codeOf(s, placeOf(s, fingerprint)) && furtherAt(at, slot) == 0
}

/** Whether a bucket is full. */
// @ts-ignore: decorator
@inline
export function isFull(fingerprint: u64, at: usize): bool {
  return load<u32>(at + (<usize>(segmentOf(fingerprint).slots - 1) << 2)) != 0
}

/** The bucket behind that where a fingerprint belongs, or that one again at the end. */
// @ts-ignore: decorator
@inline
export function nextTo(fingerprint: u64): usize {
  const s = segmentOf(fingerprint)
  return bucketAt(s, min(homeOf(placeOf(s, fingerprint)) + 1, s.buckets - 1))
}

/** Whether a fingerprint is in the set. */
export function known(fingerprint: u64): bool {
  const h = told(fingerprint)
  const s = segmentOf(h)
  const place = placeOf(s, h)
  const home = homeOf(place)
  const end = min(home + FURTHEST + 1, s.buckets)
  for (let bucket = home; bucket < end; bucket++) {
    const at = bucketAt(s, bucket)
    if (found(s, at, bucket, <u32>h, codeOf(s, place), bucket - home)) return true
    if (slotsWith(s, at, 0)) return false
  }
  return s.stash.at(s.stash.slotOf(h)) == h
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

/** Copies the mask of the state last looked up from a place in memory. */
export function setMaskFrom(at: usize): void {
  memory.copy(maskAt, at, maskBytes)
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

/** Whether an entry is in a bucket. If so, its mask is the one last looked up. */
function found(s: Segment, at: usize, bucket: u32, tag: u32, code: u32, further: u32): bool {
  for (let slots = slotsWith(s, at, tag); slots; slots &= slots - 1) {
    const slot = <u32>ctz(slots)
    if (ASC_FEATURE_THREADS) awaitCode(s, at, slot)
    if (codeAt(s, at, slot) != code || furtherAt(at, slot) != further) continue
    if (maskBytes) maskAt = maskIn(s, bucket, slot)
    return true
  }
  return false
}

/** Adds a fingerprint. Returns KNOWN, NEW or FULL_UP. */
export function visit(fingerprint: u64): i32 {
  const h = told(fingerprint)
  const s = segmentOf(h)
  const place = placeOf(s, h)
  const home = homeOf(place)
  const code = codeOf(s, place)
  const end = min(home + FURTHEST + 1, s.buckets)
  for (let bucket = home; bucket < end; bucket++) {
    const at = bucketAt(s, bucket)
    do {
      // With threads before the look: whoever adds the same meanwhile takes the first free slot, so that it is not free for us.
      let free: u32 = 0
      if (ASC_FEATURE_THREADS) free = slotsWith(s, at, 0)
      if (found(s, at, bucket, <u32>h, code, bucket - home)) return KNOWN
      if (!ASC_FEATURE_THREADS) free = slotsWith(s, at, 0)
      if (!free) break
      if (s.count >= s.limit) return grown(h)
      const slot = <u32>ctz(free)
      if (ASC_FEATURE_THREADS) {
        // When somebody else has taken the slot, there may be the same in it.
        if (!claimEntry(s, at, slot, h, code, bucket - home)) continue
        atomic.add<u32>(countAt(s), 1)
      } else {
        setEntry(s, at, slot, h, code, bucket - home)
        s.count++
      }
      if (maskBytes) maskAt = maskIn(s, bucket, slot)
      visitedCount++
      return NEW
    } while (ASC_FEATURE_THREADS)
  }
  return visitStash(s, h)
}

/** There is no room: makes some and adds the fingerprint, or with threads asks for it. */
function grown(h: u64): i32 {
  const i = <u32>(h >>> 61)
  if (ASC_FEATURE_THREADS) {
    atomic.store<u32>(wantedAt(), i + 1)
    return FULL_UP
  }
  growSegment(i)
  return visit(h)
}

function visitStash(s: Segment, h: u64): i32 {
  const stash = s.stash
  if (ASC_FEATURE_THREADS) return visitSharedStash(s, h)
  const slot = stash.slotOf(h)
  if (stash.at(slot) == h) {
    maskAt = stash.maskAt(slot)
    return KNOWN
  }
  if (s.count >= s.limit) return grown(h)
  s.count++
  maskAt = stash.add(h)
  visitedCount++
  return NEW
}

function visitSharedStash(s: Segment, h: u64): i32 {
  const stash = s.stash
  if (s.count >= s.limit || stash.isFull) {
    if (stash.at(stash.slotOf(h)) != h) return grown(h)
  }
  while (true) {
    const slot = stash.slotOf(h)
    maskAt = stash.maskAt(slot)
    if (stash.at(slot) == h) return KNOWN
    if (!stash.take(slot, h)) continue
    atomic.add<u32>(countAt(s), 1)
    visitedCount++
    return NEW
  }
}
