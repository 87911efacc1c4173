import { find_vma, reach, scene, sys_mmap, sys_munmap, user_write, VM_READ, VM_WRITE } from 'mmrace'

/** Locks of VMAs as 6.12 has them, and as they are since 6.15. Each says the same on every kernel. */
export const RWSEM = ['0d940a9b270b', 'per-vma-lock', 'fb49c455323f']
export const REFCOUNT = [...RWSEM, 'vma-refcount']

/**
 * A thread writes to memory that another unmaps, while a second process maps something: it gets the struct of the VMA that has gone, if that is
 * free by then, since the last one freed is the first given out.
 */
export const lookupVsReuse = scene({
  needs: ['PER_VMA_LOCK'],
  geometry: { mms: 2, vmas: 2, tables: 2 },
  setup: (k) => {
    const mm = k.mm('fault', 'munmap')
    const vma = k.anon(mm, { pages: 1, touched: [] })
    return { mm, vma, other: k.mm('mmap') }
  },
  cpus: {
    fault: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
      else yield* reach('SIGSEGV')
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    mmap: function* ({ other, vma }) {
      yield* sys_mmap(other, 0, 1, VM_READ | VM_WRITE, false)
      if ((yield* find_vma(other, 0)) === vma) yield* reach('struct reused')
    },
  },
  sometimes: ['written', 'SIGSEGV', 'unmapped', 'struct reused'],
})
