// Memory of the core: bump allocation; only what tables have moved out of is used again. Pages that nobody touches cost
// nothing.

let top: usize = __heap_base

// With threads, all cores allocate from one memory: the top is a word in it, below everything else.
const SHARED_TOP: usize = 16

function allocateShared(bytes: usize): usize {
  atomic.cmpxchg<u32>(SHARED_TOP, 0, <u32>((__heap_base + 15) & ~15))
  const size = (bytes + 15) & ~15
  const at = <usize>atomic.add<u32>(SHARED_TOP, <u32>size)
  while ((<usize>memory.size() << 16) < at + size) {
    const pages = <i32>((at + size - (<usize>memory.size() << 16) + 0xffff) >> 16)
    if (memory.grow(max(pages, memory.size() >> 4)) < 0 && memory.grow(pages) < 0) unreachable()
  }
  return at
}

// Blocks that tables have moved out of, each with the place of the next and its own size.
const SMALLEST: usize = 256
let left: usize = 0

/** Nobody points into this block any more. */
export function leave(at: usize, bytes: usize): void {
  if (bytes < SMALLEST) return
  store<u32>(at, <u32>left)
  store<u32>(at, <u32>bytes, 4)
  left = at
}

/** The first of those blocks that is large enough; 0 when there is none. What is over is left again. */
function leftBlock(bytes: usize): usize {
  let before: usize = 0
  for (let at = left; at != 0; at = <usize>load<u32>(at)) {
    const size = <usize>load<u32>(at, 4)
    if (size >= bytes) {
      const next = load<u32>(at)
      if (before) store<u32>(before, next)
      else left = <usize>next
      const end = (bytes + 15) & ~15
      if (size > end) leave(at + end, size - end)
      memory.fill(at, 0, bytes)
      return at
    }
    before = at
  }
  return 0
}

/** Zeroed memory of at least `bytes`, 16-byte aligned. Traps when the memory limit is reached. */
export function allocate(bytes: usize): usize {
  const again = leftBlock(bytes)
  if (again) return again
  if (ASC_FEATURE_THREADS) return allocateShared(bytes)
  const at = (top + 15) & ~15
  top = at + bytes
  const have = <usize>memory.size() << 16
  if (top > have) {
    const pages = <i32>((top - have + 0xffff) >> 16)
    // Grow by at least a sixteenth, so that views on the other side are not made anew all the time.
    const extra = <i32>(memory.size() >> 4)
    if (memory.grow(max(pages, extra)) < 0 && memory.grow(pages) < 0) unreachable()
  }
  return at
}

/** Moves a table of `used` bytes to a place of `bytes`. Pointers into the old one are no good any more. */
export function regrow(from: usize, used: usize, bytes: usize): usize {
  const at = allocate(bytes)
  memory.copy(at, from, used)
  leave(from, used)
  return at
}

export function heapTop(): usize {
  return ASC_FEATURE_THREADS ? <usize>atomic.load<u32>(SHARED_TOP) : top
}
