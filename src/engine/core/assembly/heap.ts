// Memory of the core: bump allocation, nothing is freed. Pages that nobody touches cost nothing.

let top: usize = __heap_base

/** Zeroed memory of at least `bytes`, 16-byte aligned. Traps when the memory limit is reached. */
export function allocate(bytes: usize): usize {
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
  return top
}
