// The fingerprints of a set of visited states, a part at a time, and what adds them to another one. A part is a page of a segment,
// or as much of its stash.
import { allocate } from './heap'
import { Segment } from './buckets'
import { MOST_IN_PAGE, SEGMENTS, fingerprintIn, maskAtSlot, pageCount, segment, slotsIn } from './segments'
import { maskBytes } from './mask-bytes'
import { FULL_UP, grow, setMaskFrom, visit } from './visited'

const MOST: u32 = MOST_IN_PAGE
let bufferAt: usize = 0

/** Room for the fingerprints of one part, and behind all of them their masks. */
export function buffer(): usize {
  if (bufferAt == 0) bufferAt = allocate(<usize>MOST * 12)
  return bufferAt
}

/** How many fingerprints the buffer has room for. */
export function bufferEntries(): i32 {
  return <i32>MOST
}

/** Bytes that each fingerprint takes in the second part of the buffer. */
export function bytesOfMask(): i32 {
  return <i32>maskBytes
}

function partsOf(s: Segment): u32 {
  return pageCount(s) + (s.stash.room + MOST - 1) / MOST
}

/** How many parts there are, over all segments. */
export function partCount(): i32 {
  let n: u32 = 0
  for (let i: u32 = 0; i < SEGMENTS; i++) n += partsOf(segment(i))
  return n
}

/** Puts what is in a part to the front of the buffer's two parts. Returns how many. */
export function copyPart(part: u32): i32 {
  let i: u32 = 0
  for (; part >= partsOf(segment(i)); i++) part -= partsOf(segment(i))
  const s = segment(i)
  let n: usize = 0
  if (part < pageCount(s)) {
    for (let slot: u32 = 0; slot < slotsIn(s, part); slot++) n += copy(n, fingerprintIn(i, s, part, slot), maskAtSlot(s, part, slot))
    return <i32>n
  }
  const first = (part - pageCount(s)) * MOST
  for (let slot = first; slot < min(first + MOST, s.stash.room); slot++) n += copy(n, s.stash.at(slot), s.stash.maskAt(slot))
  return <i32>n
}

/** Copies an entry behind the others, if there is one. */
// @ts-ignore: decorator
@inline
function copy(n: usize, h: u64, mask: usize): usize {
  if (h == 0) return 0
  store<u64>(buffer() + (n << 3), h)
  memory.copy(buffer() + (<usize>MOST << 3) + n * maskBytes, mask, maskBytes)
  return 1
}

/** Adds what `copyPart` had put into the buffer. Nobody else may use the set meanwhile. */
export function addCopied(n: i32): void {
  const from = buffer()
  for (let i: usize = 0; i < <usize>n; i++) {
    while (visit(load<u64>(from + (i << 3))) == FULL_UP) grow()
    setMaskFrom(from + (<usize>MOST << 3) + i * maskBytes)
  }
}
