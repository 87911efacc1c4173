/** Advice of madvise() that the model knows (include/uapi/asm-generic/mman-common.h). */
export const MADV = {
  NORMAL: 0, RANDOM: 1, SEQUENTIAL: 2, DONTNEED: 4, FREE: 8, DONTFORK: 10, DOFORK: 11, MERGEABLE: 12, UNMERGEABLE: 13, HUGEPAGE: 14,
  NOHUGEPAGE: 15, WIPEONFORK: 18, KEEPONFORK: 19, COLD: 20, PAGEOUT: 21, POPULATE_READ: 22, POPULATE_WRITE: 23, COLLAPSE: 25,
} as const
