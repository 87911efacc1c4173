import { do_user_addr_fault, dup_mm, holds, race, reach, user_write, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'
import { REFCOUNT, RWSEM } from './scenes/vma-lookup.js'

/** Where the TLB keeps the permission that fork() has taken away until it flushes, and VMAs have locks. */
const AFFECTED = [...deferredFlush, 'x86-invlpgb', 'riscv64-svrsw60t59b']

export default race({
  name: 'fork-vs-vma-fault',
  title: 'fork has write-protected a page and not flushed yet when a thread without the mmap_lock copies it, and another still writes to it',
  references: ['fb49c455323f fork: lock VMAs of the parent process when forking', '2b4f3b4987b5'],
  needs: ['PER_VMA_LOCK'],
  tlb: true,
  geometry: { mms: 2, pages: 4, tables: 2, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    fork: function* ({ mm }) {
      yield* dup_mm(mm)
      yield* reach('forked')
    },
    // A store to another word of the page faults.
    fault: function* ({ mm }) {
      yield* do_user_addr_fault(mm, 0, true)
      yield* reach('handled')
    },
    writer: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['forked', 'handled', 'written'],
  variants: {
    fixed: { apply: REFCOUNT, expect: holds, because: 'fork locks each VMA, and drops the locks with the mmap_lock, after its flush' },
    bug: {
      apply: REFCOUNT.filter((id) => id !== 'fb49c455323f'),
      revert: ['fb49c455323f'],
      expect: violates('O6', AFFECTED),
      because: 'the store is made to the page that was copied, which by then is the child\'s alone',
    },
    'write-without-wait': {
      apply: [...REFCOUNT, 'mutant-vma-write-without-wait'],
      expect: violates('O6', AFFECTED),
      because: 'fork does not wait for the fault that is under way',
    },
    '6.12': { apply: RWSEM, revert: ['vma-refcount'], expect: holds },
  },
})
