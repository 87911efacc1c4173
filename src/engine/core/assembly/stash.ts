// Of a segment of the set of visited states, what found no room near where it belongs: an open-addressing table of whole
// fingerprints, with their masks behind them.
import { allocate, leave } from './heap'
import { maskBytes } from './mask-bytes'

const SMALLEST: u32 = 32

@unmanaged
export class Stash {
  base: usize
  room: u32
  count: u32

  // @ts-ignore: decorator
  @inline
  at(slot: u32): u64 {
    return load<u64>(this.base + (<usize>slot << 3))
  }

  // @ts-ignore: decorator
  @inline
  maskAt(slot: u32): usize {
    return this.base + (<usize>this.room << 3) + <usize>slot * maskBytes
  }

  /** Where a fingerprint is, or the free slot where it belongs. */
  slotOf(h: u64): u32 {
    let slot = <u32>h & (this.room - 1)
    while (this.at(slot) != 0 && this.at(slot) != h) slot = (slot + 1) & (this.room - 1)
    return slot
  }

  get isFull(): bool {
    return this.count >= this.room - (this.room >> 2)
  }

  /** Adds a fingerprint that is not there. Returns where its mask is. */
  add(h: u64): usize {
    if (this.isFull) this.grow()
    const slot = this.slotOf(h)
    store<u64>(this.base + (<usize>slot << 3), h)
    this.count++
    return this.maskAt(slot)
  }

  /** Only with threads: takes a free slot. False when somebody else has taken it. */
  take(slot: u32, h: u64): bool {
    if (atomic.cmpxchg<u64>(this.base + (<usize>slot << 3), 0, h) != 0) return false
    atomic.add<u32>(changetype<usize>(this) + offsetof<Stash>('count'), 1)
    return true
  }

  grow(): void {
    const base = this.base
    const room = this.room
    this.room *= 2
    this.base = allocate(<usize>this.room * (8 + maskBytes))
    for (let i: u32 = 0; i < room; i++) {
      const h = load<u64>(base + (<usize>i << 3))
      if (h == 0) continue
      const slot = this.slotOf(h)
      store<u64>(this.base + (<usize>slot << 3), h)
      memory.copy(this.maskAt(slot), base + (<usize>room << 3) + <usize>i * maskBytes, maskBytes)
    }
    leave(base, <usize>room * (8 + maskBytes))
  }

  release(): void {
    leave(this.base, <usize>this.room * (8 + maskBytes))
  }
}

export function newStash(): Stash {
  const stash = changetype<Stash>(allocate(offsetof<Stash>()))
  stash.room = SMALLEST
  stash.count = 0
  stash.base = allocate(<usize>SMALLEST * (8 + maskBytes))
  return stash
}
