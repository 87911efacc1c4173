import { VM_READ, VM_WRITE } from '../../kernel/include/vm_flags.js'
import { clear_refs_soft_dirty } from '../../kernel/fs/proc/clear_refs.js'
import { do_exit } from '../../kernel/mm/fork/do_exit.js'
import { dup_mm } from '../../kernel/mm/fork/mm_lifetime.js'
import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../../kernel/mm/migrate/move_pages.js'
import { sys_munmap } from '../../kernel/mm/mmap/munmap.js'
import { userfaultfd_release } from '../../kernel/fs/userfaultfd/userfaultfd_release.js'
import { userfaultfd_writeprotect } from '../../kernel/fs/userfaultfd/userfaultfd_writeprotect.js'
import { switch_mm } from '../../kernel/sched/switch_mm.js'
import { user_store } from '../../machine/user.js'
import { sys_mlock, sys_munlock } from '../../kernel/mm/mlock/sys_mlock.js'
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
  operation({
    name: 'MADV_DONTNEED and read', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* user_read(mm, 0)
    },
  }),
  operation({
    name: 'MADV_DONTNEED elsewhere', needs: ['two'], by: 'mm',
    run: function* ({ two }) {
      yield* sys_madvise(two, 2, 1, MADV.DONTNEED)
    },
  }),
  operation({
    name: 'write and MADV_PAGEOUT', needs: ['mm'], on: ['anon'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_write(mm, 0, 2)
      yield* sys_madvise(mm, 0, 1, MADV.PAGEOUT)
    },
  }),
  operation({
    name: 'write MADV_FREE MADV_COLD read', needs: ['mm'], on: ['anon'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* sys_madvise(mm, 0, 1, MADV.FREE)
      yield* sys_madvise(mm, 0, 1, MADV.COLD)
      yield* user_read(mm, 0)
    },
  }),
  operation({
    name: 'read move_pages read', needs: ['mm'], on: ['huge', 'anon'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* user_read(mm, 0)
      yield* sys_move_pages(mm, 0, 1, 1)
      yield* user_read(mm, 1)
    },
  }),
  operation({
    name: 'mprotect and store', needs: ['mm'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, VM_READ)
      yield* user_store(mm, 0, 2)
    },
  }),
  operation({
    name: 'switch and write', needs: ['mm'], on: ['anon'], by: 'mm', user: true,
    run: function* ({ mm }) {
      yield* switch_mm(undefined)
      yield* switch_mm(mm)
      yield* user_write(mm, 0, 1)
    },
  }),
  operation({
    name: 'munlock', needs: ['mm'], on: ['anon', 'huge', 'shared'], by: 'mm',
    run: function* ({ mm }) {
      yield* sys_munlock(mm, 0, 1)
    },
  }),
  operation({
    name: 'write-protect by userfaultfd', needs: ['watched'], by: 'mm',
    run: function* ({ watched }) {
      yield* userfaultfd_writeprotect(watched, 0, 1, true)
    },
  }),
  operation({
    name: 'monitor comes and goes', needs: ['watched'], by: 'mm', single: true, user: true,
    run: function* ({ watched }) {
      if (yield* userfaultfd_writeprotect(watched, 0, 1, true)) return
      yield* user_read(watched, 0)
      yield* userfaultfd_release(watched)
    },
  }),
  operation({
    name: 'child unmaps first page', needs: ['child'], by: 'child',
    run: function* ({ child }) {
      yield* sys_munmap(child, 0, 1)
    },
  }),
  operation({
    name: 'child writes second page', needs: ['child'], by: 'child', user: true,
    run: function* ({ child }) {
      yield* user_write(child, 1, 5)
    },
  }),
]
