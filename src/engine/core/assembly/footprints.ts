// Which cells a step touches, as bit rows over the cells: reads and writes apart.
//   leaf    exactly what the step does in the states that lead to this leaf
//   own     the union over all leaves learned for a local state
//   future  the union of `own` over all local states that can follow (itself included), as far as learned
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

export function footprintsReset(cells: i32): void {
  row = max(1, (cells + 63) >> 6)
  bytes = <usize>row << 4
  leafRows.room = ownRows.room = futureRows.room = 0
}

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
