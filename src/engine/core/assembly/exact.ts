// The words of all visited states, for comparing states that have the same fingerprint. The set of visited states
// keeps the number of each in place of its mask.
import { allocate, regrow } from './heap'
import { cellCount, threadCount, words } from './state'

const CHUNK_BITS: u32 = 10
let chunks: usize = 0
let room: u32 = 0
let count: u32 = 0

export function exactReset(): void {
  count = 0
}

// @ts-ignore: decorator
@inline
function bytes(): usize {
  return <usize>(cellCount + threadCount) << 2
}

/** Where the words of a kept state are. */
export function keptAt(state: u32): usize {
  const chunk = <usize>load<u32>(chunks + (<usize>(state >> CHUNK_BITS) << 2))
  return chunk + <usize>(state & ((1 << CHUNK_BITS) - 1)) * bytes()
}

/** Keeps the current state. Returns its number. */
export function keep(): u32 {
  const chunk = count >> CHUNK_BITS
  if (chunk >= room) {
    const old = room
    room = max(256, room * 2)
    chunks = regrow(chunks, <usize>old << 2, <usize>room << 2)
    memory.fill(chunks + (<usize>old << 2), 0, <usize>(room - old) << 2)
  }
  const entry = chunks + (<usize>chunk << 2)
  if (load<u32>(entry) == 0) store<u32>(entry, <u32>allocate(bytes() << CHUNK_BITS))
  memory.copy(keptAt(count), words, bytes())
  return count++
}

/** Whether the current state is the one of this number. */
export function isState(state: u32): bool {
  return memory.compare(keptAt(state), words, bytes()) == 0
}
