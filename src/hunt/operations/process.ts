import { VM_READ, VM_WRITE } from '../../kernel/include/vm_flags.js'
import { clear_refs_soft_dirty } from '../../kernel/fs/proc/clear_refs.js'
import { do_exit } from '../../kernel/mm/fork/do_exit.js'
import { dup_mm } from '../../kernel/mm/fork/mm_lifetime.js'
import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../../kernel/mm/migrate/move_pages.js'
import { sys_munmap } from '../../kernel/mm/mmap/munmap.js'
import { sys_mlock } from '../../kernel/mm/mlock/sys_mlock.js'
import { sys_mprotect } from '../../kernel/mm/mprotect/sys_mprotect.js'
import { sys_mremap } from '../../kernel/mm/mremap/sys_mremap.js'
import { user_read, user_write } from '../../kernel/mm/user/user_access.js'
import { operation } from '../operation.js'

/** System calls and faults of the process. */
export const processOperations = [
  operation({
    name: 'munmap', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 2)
    },
  }),
  operation({
    name: 'munmap first page', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
    },
  }),
  operation({
    name: 'mprotect read-only', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, VM_READ)
    },
  }),
  operation({
    name: 'mprotect none and back', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 2, 0)
      yield* sys_mprotect(mm, 0, 2, VM_READ | VM_WRITE)
    },
  }),
  operation({
    name: 'mremap', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_mremap(mm, 0, 2, 2, false)
    },
  }),
  operation({
    name: 'mremap first page', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_mremap(mm, 0, 1, 2, false)
    },
  }),
  operation({
    name: 'MADV_DONTNEED', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
    },
  }),
  operation({
    name: 'MADV_DONTNEED first page', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
    },
  }),
  operation({
    name: 'MADV_FREE', needs: ['mm'], on: ['anon', 'huge'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.FREE)
    },
  }),
  operation({
    name: 'MADV_COLD', needs: ['mm'], on: ['anon', 'huge', 'shared'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.COLD)
    },
  }),
  operation({
    name: 'MADV_PAGEOUT', needs: ['mm'], on: ['anon', 'huge', 'shared'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.PAGEOUT)
    },
  }),
  operation({
    name: 'MADV_COLLAPSE', needs: ['mm'], on: ['anon', 'huge', 'shared'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.COLLAPSE)
    },
  }),
  operation({
    name: 'mlock', needs: ['mm'], on: ['anon', 'huge', 'shared'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_mlock(mm, 0, 1)
    },
  }),
  operation({
    name: 'fork', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* dup_mm(mm)
    },
  }),
  operation({
    name: 'fork and write', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
    },
  }),
  operation({
    name: 'read', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_read(mm, 0)
    },
  }),
  operation({
    name: 'write', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
    },
  }),
  operation({
    name: 'write second page', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_write(mm, 1, 1)
    },
  }),
  operation({
    name: 'write and read', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_write(mm, 0, 3)
      yield* user_read(mm, 0)
    },
  }),
  operation({
    name: 'move_pages', needs: ['mm'], on: ['anon', 'huge', 'shared', 'hugetlb'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_move_pages(mm, 0, 1, 1)
    },
  }),
  operation({
    name: 'clear_refs', needs: ['mm'],
    run: function* ({ mm }) {
      yield* clear_refs_soft_dirty(mm)
    },
  }),
  operation({
    name: 'exit', needs: ['mm'], by: 'mm',
    run: function* ({ mm }) {
      yield* do_exit(mm)
    },
  }),
  operation({
    name: 'child reads', needs: ['child'], by: 'child', user: true,
    run: function* ({ child }) {
      yield* user_read(child, 0)
    },
  }),
  operation({
    name: 'child writes', needs: ['child'], by: 'child', user: true,
    run: function* ({ child }) {
      yield* user_write(child, 0, 5)
    },
  }),
  operation({
    name: 'child unmaps', needs: ['child'], by: 'child',
    run: function* ({ child }) {
      yield* sys_munmap(child, 0, 2)
    },
  }),
  operation({
    name: 'child exits', needs: ['child'], by: 'child',
    run: function* ({ child }) {
      yield* do_exit(child)
    },
  }),
]
