// Memory of the core: bump allocation, nothing is freed. Pages that nobody touches cost nothing.

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

/** Zeroed memory of at least `bytes`, 16-byte aligned. Traps when the memory limit is reached. */
export function allocate(bytes: usize): usize {
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

/** Moves a table of `used` bytes to a place of `bytes`. */
export function regrow(from: usize, used: usize, bytes: usize): usize {
  const at = allocate(bytes)
  memory.copy(at, from, used)
  return at
}

export function heapTop(): usize {
  return ASC_FEATURE_THREADS ? <usize>atomic.load<u32>(SHARED_TOP) : top
}
