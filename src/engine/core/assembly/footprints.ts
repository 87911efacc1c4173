// Which cells a step touches, as bit rows over the cells: reads and writes apart.
//   leaf    exactly what the step does in the states that lead to this leaf
//   own     the union over all leaves learned for a local state
//   future  the union of `own` over all local states that can follow (itself included), as far as learned
//   relied  what decisions of the present search have taken `future` not to conflict with
// Rows are kept for reads and writes side by side: 2 × `row` 64-bit words.
import { allocate, regrow } from './heap'

export let row: i32 = 0
let bytes: usize = 0

@unmanaged
class Rows {
  at: usize
  room: i32
  of(i: i32): usize {
    if (i >= this.room) {
      const room = max(i + 1, max(64, this.room * 2))
      this.at = regrow(this.at, <usize>this.room * bytes, <usize>room * bytes)
      memory.fill(this.at + <usize>this.room * bytes, 0, <usize>(room - this.room) * bytes)
      this.room = room
    }
    return this.at + <usize>i * bytes
  }
}

function rows(): Rows {
  return changetype<Rows>(allocate(offsetof<Rows>()))
}

export const leafRows = rows()
export const ownRows = rows()
export const futureRows = rows()
export const reliedRows = rows()

export function footprintsReset(cells: i32): void {
  row = max(1, (cells + 63) >> 6)
  bytes = <usize>row << 4
  leafRows.room = ownRows.room = futureRows.room = reliedRows.room = 0
}

/** Forgets what decisions have relied on. */
export function relyOnNothing(): void {
  if (reliedRows.room > 0) memory.fill(reliedRows.at, 0, <usize>reliedRows.room * bytes)
  age()
}

/** Decisions that nobody has told of may have relied on anything about this local state. */
export function relyOn(local: i32): void {
  memory.fill(reliedRows.of(local), 0xff, bytes)
}

// Answers of `inTheWay` since rows grew last: leaf, local state, age and answer in 64 bits, at a place by leaf and local state.
const ANSWERS: u32 = 2048
const AGES: u64 = 1 << 13
const answers: usize = allocate(<usize>ANSWERS << 3)
let now: u64 = 1

function age(): void {
  if (++now < AGES) return
  memory.fill(answers, 0, <usize>ANSWERS << 3)
  now = 1
}

/** Whether a thread may, from a local state on, touch what a leaf touches in a conflicting way. If not, that is relied on. */
// @ts-ignore: decorator
@inline
export function inTheWay(leaf: i32, local: i32): bool {
  // With more of them than the key has room for, there are no answers to look up.
  if (<u32>leaf >= 1 << 26 || <u32>local >= 1 << 24) return compared(leaf, local)
  const key = (<u64>(<u32>leaf) << 38) | (<u64>(<u32>local) << 14) | (now << 1)
  const p = answers + (<usize>((((<u32>leaf * 0x9e3779b1) ^ (<u32>local * 0x85ebca77)) >>> 16) & (ANSWERS - 1)) << 3)
  const known = load<u64>(p)
  if ((known & ~1) == key) return (known & 1) != 0
  const answer = compared(leaf, local)
  store<u64>(p, key | <u64>answer)
  return answer
}

function compared(leaf: i32, local: i32): bool {
  if (conflict(leafRows.of(leaf), futureRows.of(local))) return true
  merge(reliedRows.of(local), leafRows.of(leaf))
  return false
}

/** Adds to what can be touched from a local state on. Returns whether it grew, and whether a decision relied on that it does not. */
export function growFuture(local: i32, from: usize): i32 {
  if (!merge(futureRows.of(local), from)) return SAME
  age()
  return conflict(reliedRows.of(local), futureRows.of(local)) ? BROKEN : GREW
}

export const SAME: i32 = 0
export const GREW: i32 = 1
export const BROKEN: i32 = 2

export function markRead(p: usize, cell: i32): void {
  const q = p + (<usize>(cell >> 6) << 3)
  store<u64>(q, load<u64>(q) | (<u64>1 << (cell & 63)))
}

export function markWrite(p: usize, cell: i32): void {
  markRead(p + (<usize>row << 3), cell)
}

/** Adds the row at `from` to the row at `to`. Returns whether that changed anything. */
export function merge(to: usize, from: usize): bool {
  let changed = false
  for (let i: usize = 0; i < bytes; i += 8) {
    const old = load<u64>(to + i)
    const now = old | load<u64>(from + i)
    if (now != old) {
      store<u64>(to + i, now)
      changed = true
    }
  }
  return changed
}

/** Whether one of two footprints writes what the other touches. */
// @ts-ignore: decorator
@inline
export function conflict(a: usize, b: usize): bool {
  const half = <usize>row << 3
  for (let i: usize = 0; i < half; i += 8) {
    const ar = load<u64>(a + i)
    const aw = load<u64>(a + half + i)
    const bw = load<u64>(b + half + i)
    if ((aw & (load<u64>(b + i) | bw)) | (ar & bw)) return true
  }
  return false
}
