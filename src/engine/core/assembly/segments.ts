// The set of visited states in 8 segments, by a fingerprint's first three bits: each an array of buckets (buckets.ts), which grows by a
// half on its own, and a stash for what finds no room. The segments are of unequal size, so that they do not grow all at once: never is
// the whole set copied or half empty.
//
// Buckets lie in pages of equal size, which go from hand to hand as segments grow: no more than a few are there twice.
import { allocate, leave } from './heap'
import {
  BUCKET, FURTHEST, NARROW, NARROW_FROM, Segment, WIDE, codeAt, codeOf, fingerprintOf, furtherAt, homeOf, placeOf, setEntry,
} from './buckets'
import { maskBytes } from './mask-bytes'
import { newStash } from './stash'

export const SEGMENTS: u32 = 8
const IN_PAGE: u32 = 64
export const MOST_IN_PAGE: u32 = IN_PAGE * NARROW
/** Of the slots of a segment, before it grows. */
const FULL: f64 = 0.86

// One block: the segments; with threads, the segment (+ 1) that somebody wants to grow; the free pages for each size of mask.
const SEGMENT_BYTES: usize = 32
const WANTED: usize = SEGMENT_BYTES * SEGMENTS
const SPARES: usize = WANTED + 4
let root: usize = allocate(SPARES + 4 * 5)

export function segmentsAt(): usize {
  return root
}

/** Goes by the segments of another core in the same memory. */
export function joinSegments(at: usize): void {
  root = at
}

// @ts-ignore: decorator
@inline
export function segment(i: usize): Segment {
  return changetype<Segment>(root + i * SEGMENT_BYTES)
}

// @ts-ignore: decorator
@inline
export function segmentOf(h: u64): Segment {
  return segment(<usize>(h >>> 61))
}

// @ts-ignore: decorator
@inline
export function countAt(s: Segment): usize {
  return changetype<usize>(s) + offsetof<Segment>('count')
}

// @ts-ignore: decorator
@inline
export function wantedAt(): usize {
  return root + WANTED
}

// @ts-ignore: decorator
@inline
function spares(): usize {
  return root + SPARES + (maskBytes << 2)
}

// A page: its buckets, and behind them their masks.
function pageBytes(): usize {
  return <usize>IN_PAGE * (BUCKET + <usize>NARROW * maskBytes)
}

const PAGES_AT_ONCE: usize = 8

function newPage(): usize {
  if (load<u32>(spares()) == 0) {
    const pages = (allocate(pageBytes() * PAGES_AT_ONCE + BUCKET) + BUCKET - 1) & ~(BUCKET - 1)
    for (let i: usize = PAGES_AT_ONCE; i > 0; i--) releasePage(pages + (i - 1) * pageBytes())
  }
  const page = <usize>load<u32>(spares())
  store<u32>(spares(), load<u32>(page))
  memory.fill(page, 0, pageBytes())
  return page
}

function releasePage(page: usize): void {
  store<u32>(page, load<u32>(spares()))
  store<u32>(spares(), <u32>page)
}

export function pageCount(s: Segment): u32 {
  return (s.buckets + IN_PAGE - 1) / IN_PAGE
}

// @ts-ignore: decorator
@inline
function pageAt(s: Segment, page: u32): usize {
  return <usize>load<u32>(s.pages + (<usize>page << 2))
}

// @ts-ignore: decorator
@inline
export function bucketAt(s: Segment, bucket: u32): usize {
  return pageAt(s, bucket / IN_PAGE) + <usize>(bucket % IN_PAGE) * BUCKET
}

export function maskIn(s: Segment, bucket: u32, slot: u32): usize {
  return pageAt(s, bucket / IN_PAGE) + <usize>IN_PAGE * BUCKET + <usize>((bucket % IN_PAGE) * NARROW + slot) * maskBytes
}

/** Makes empty segments. They are of unequal size, so that they do not grow all at once. */
export function newSegments(): void {
  for (let i: u32 = 0; i < SEGMENTS; i++) {
    const s = segment(i)
    resize(s, 42 + 3 * i, WIDE)
    addPages(s, 0, pageCount(s))
    s.count = 0
    s.stash = newStash()
  }
}

/** Gives up what the segments are made of. */
export function releaseSegments(): void {
  for (let i: u32 = 0; i < SEGMENTS; i++) {
    const s = segment(i)
    if (s.pages == 0) continue
    for (let page: u32 = 0; page < pageCount(s); page++) releasePage(pageAt(s, page))
    leave(s.pages, <usize>pageCount(s) << 2)
    s.stash.release()
    s.pages = 0
  }
}

function resize(s: Segment, buckets: u32, slots: u32): void {
  s.buckets = buckets
  s.slots = slots
  s.limit = <u32>(<f64>(buckets * slots) * FULL)
  s.low = 31 - clz(buckets)
  s.pages = allocate(<usize>pageCount(s) << 2)
}

function addPages(s: Segment, from: u32, to: u32): void {
  for (let page = from; page < to; page++) store<u32>(s.pages + (<usize>page << 2), <u32>newPage())
}

/** Makes room for a half more. */
function enlarge(s: Segment): void {
  const slots = s.buckets * s.slots * 3 / 2
  if (slots >= NARROW_FROM * NARROW) resize(s, slots / NARROW, NARROW)
  else resize(s, slots / WIDE, WIDE)
}

const old: Segment = changetype<Segment>(allocate(SEGMENT_BYTES))

/** Makes a segment larger. Nobody else may use it meanwhile. */
export function growSegment(i: u32): void {
  const s = segment(i)
  memory.copy(changetype<usize>(old), changetype<usize>(s), SEGMENT_BYTES)
  enlarge(s)
  s.stash = newStash()
  takeNothing(s.buckets)
  let made: u32 = 0
  for (let page: u32 = 0; page < pageCount(old); page++) {
    // As far as entries of this page can come to lie.
    const end = min((page + 1) * IN_PAGE, old.buckets)
    const wanted = min(pageCount(s), <u32>(<f64>(end + FURTHEST + 1) * <f64>s.buckets / <f64>old.buckets + 1) / IN_PAGE + 1)
    if (wanted > made) {
      addPages(s, made, wanted)
      made = wanted
    }
    for (let bucket = page * IN_PAGE; bucket < end; bucket++) {
      const at = bucketAt(old, bucket)
      for (let slot: u32 = 0; slot < old.slots; slot++) {
        const tag = load<u32>(at + (<usize>slot << 2))
        if (tag == 0) break
        put(s, fingerprintOf(i, old, bucket - furtherAt(at, slot), tag, codeAt(old, at, slot)), maskIn(old, bucket, slot))
      }
    }
    releasePage(pageAt(old, page))
  }
  leave(old.pages, <usize>pageCount(old) << 2)
  const stash = old.stash
  for (let slot: u32 = 0; slot < stash.room; slot++) {
    const h = stash.at(slot)
    if (h != 0) put(s, h, stash.maskAt(slot))
  }
  stash.release()
}

// Of each bucket of the segment that grows how many slots are taken: much faster than to look at what was just written.
let taken: usize = 0
let takenRoom: u32 = 0

function takeNothing(buckets: u32): void {
  if (buckets > takenRoom) {
    if (taken) leave(taken, <usize>takenRoom)
    takenRoom = buckets + buckets / 2
    taken = allocate(<usize>takenRoom)
  }
  memory.fill(taken, 0, buckets)
}

/** Adds a fingerprint that is not there, with the mask at `mask`. */
function put(s: Segment, h: u64, mask: usize): void {
  const place = placeOf(s, h)
  const home = homeOf(place)
  const end = min(home + FURTHEST + 1, s.buckets)
  for (let bucket = home; bucket < end; bucket++) {
    const slot = <u32>load<u8>(taken + bucket)
    if (slot == s.slots) continue
    store<u8>(taken + bucket, <u8>(slot + 1))
    setEntry(s, bucketAt(s, bucket), slot, h, codeOf(s, place), bucket - home)
    if (maskBytes) memory.copy(maskIn(s, bucket, slot), mask, maskBytes)
    return
  }
  const to = s.stash.add(h)
  if (maskBytes) memory.copy(to, mask, maskBytes)
}

/** The slots of a page that the segment uses. */
export function slotsIn(s: Segment, page: u32): u32 {
  return min(IN_PAGE, s.buckets - page * IN_PAGE) * s.slots
}

/** The fingerprint in a slot of a page; 0 when it is free. */
export function fingerprintIn(i: u32, s: Segment, page: u32, n: u32): u64 {
  const bucket = page * IN_PAGE + n / s.slots
  const slot = n % s.slots
  const at = bucketAt(s, bucket)
  const tag = load<u32>(at + (<usize>slot << 2))
  return tag == 0 ? 0 : fingerprintOf(i, s, bucket - furtherAt(at, slot), tag, codeAt(s, at, slot))
}

/** Where the mask of a slot of a page is. */
export function maskAtSlot(s: Segment, page: u32, n: u32): usize {
  return maskIn(s, page * IN_PAGE + n / s.slots, n % s.slots)
}
