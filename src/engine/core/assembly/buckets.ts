// A bucket of the set of visited states: 64 bytes, one line of the cache.
//
// Of a fingerprint, 29 bits, its place, say in which bucket of its segment it belongs, in proportion: so there may be any number of
// buckets, and entries keep their order when there are more. The 32 low bits, the tag, are kept in the bucket, and behind the tags
// the entry's code: what the bucket's number does not say of its place. That takes 16 bits once there are many buckets (ten slots),
// 32 before (seven). The last word has three bits for each slot: how many buckets further on than where it belongs the entry is.
// The first three bits of the fingerprint are the segment's number. So nothing of its 64 bits is lost.
import { Stash } from './stash'

const PLACE_BITS: u32 = 29
const PLACES: u32 = (1 << PLACE_BITS) - 1
export const BUCKET: usize = 64
export const NARROW: u32 = 10
export const WIDE: u32 = 7
/** Where the codes of a bucket begin, and the word that says how much further on entries are. */
const NARROW_CODES: usize = 40
const WIDE_CODES: usize = 28
const FURTHER: usize = 60
/** Buckets that a segment needs for narrow codes to hold what they have to, and never be 0. */
export const NARROW_FROM: u32 = 1 << 14
/** How many buckets further on than where it belongs an entry can be. */
export const FURTHEST: u32 = 7

@unmanaged
export class Segment {
  /** A list of pages. */
  pages: usize
  buckets: u32
  /** How many fingerprints there are, and with how many it has to grow. */
  count: u32
  limit: u32
  /** Bits of the place, multiplied by the buckets, that the number of a bucket implies. */
  low: u32
  /** Slots of a bucket. */
  slots: u32
  stash: Stash
}

/** A fingerprint's place times the buckets: in its high bits the bucket where it belongs, in the low ones what that leaves open. */
// @ts-ignore: decorator
@inline
export function placeOf(s: Segment, h: u64): u64 {
  return <u64>(<u32>(h >>> 32) & PLACES) * <u64>s.buckets
}

// @ts-ignore: decorator
@inline
export function homeOf(place: u64): u32 {
  return <u32>(place >>> PLACE_BITS)
}

/** The code of an entry; never 0. Two places of one bucket are at least as far apart as there are buckets. */
// @ts-ignore: decorator
@inline
export function codeOf(s: Segment, place: u64): u32 {
  return ((<u32>place & PLACES) >>> s.low) + 1
}

// @ts-ignore: decorator
@inline
export function codeAt(s: Segment, bucket: usize, slot: u32): u32 {
  return s.slots == NARROW ? <u32>load<u16>(bucket + (<usize>slot << 1), NARROW_CODES) : load<u32>(bucket + (<usize>slot << 2), WIDE_CODES)
}

// @ts-ignore: decorator
@inline
function setCode(s: Segment, bucket: usize, slot: u32, code: u32): void {
  if (s.slots == NARROW) store<u16>(bucket + (<usize>slot << 1), <u16>code, NARROW_CODES)
  else store<u32>(bucket + (<usize>slot << 2), code, WIDE_CODES)
}

/** How many buckets further on than where it belongs an entry is. */
// @ts-ignore: decorator
@inline
export function furtherAt(bucket: usize, slot: u32): u32 {
  return (load<u32>(bucket, FURTHER) >>> (slot * 3)) & 7
}

/** Writes an entry into a free slot. */
// @ts-ignore: decorator
@inline
export function setEntry(s: Segment, bucket: usize, slot: u32, h: u64, code: u32, further: u32): void {
  store<u32>(bucket + (<usize>slot << 2), <u32>h)
  setCode(s, bucket, slot, code)
  if (further) store<u32>(bucket, load<u32>(bucket, FURTHER) | (further << (slot * 3)), FURTHER)
}

/** With threads: writes one into a slot that may be free. Whether it was. Others wait for the code. */
export function claimEntry(s: Segment, bucket: usize, slot: u32, h: u64, code: u32, further: u32): bool {
  if (atomic.cmpxchg<u32>(bucket + (<usize>slot << 2), 0, <u32>h) != 0) return false
  if (further) atomic.or<u32>(bucket, further << (slot * 3), FURTHER)
  if (s.slots == NARROW) atomic.store<u16>(bucket + (<usize>slot << 1), <u16>code, NARROW_CODES)
  else atomic.store<u32>(bucket + (<usize>slot << 2), code, WIDE_CODES)
  return true
}

/** With threads: waits until the code of an entry has been written. */
export function awaitCode(s: Segment, bucket: usize, slot: u32): void {
  if (s.slots == NARROW) while (atomic.load<u16>(bucket + (<usize>slot << 1), NARROW_CODES) == 0) {}
  else while (atomic.load<u32>(bucket + (<usize>slot << 2), WIDE_CODES) == 0) {}
}

/** The slots of a bucket, as a mask, that hold this tag; that are free, for 0. */
// @ts-ignore: decorator
@inline
export function slotsWith(s: Segment, bucket: usize, tag: u32): u32 {
  const all = i32x4.splat(<i32>tag)
  const front = i16x8.narrow_i32x4_s(i32x4.eq(v128.load(bucket), all), i32x4.eq(v128.load(bucket, 16), all))
  const last = i32x4.eq(v128.load(bucket, 32), all)
  return <u32>i8x16.bitmask(i8x16.narrow_i16x8_s(front, i16x8.narrow_i32x4_s(last, last))) & ((1 << s.slots) - 1)
}

/** The fingerprint of an entry. (Below 2^53 a quotient is a whole number or further from one than it is rounded.) */
// @ts-ignore: decorator
@inline
export function fingerprintOf(i: u32, s: Segment, home: u32, tag: u32, code: u32): u64 {
  const place = (<u64>home << PLACE_BITS) + (<u64>(code - 1) << s.low)
  return (<u64>i << 61) | (<u64>Math.ceil(<f64>place / <f64>s.buckets) << 32) | tag
}
