import { holds, race, reach, sys_mprotect, user_write, violates, VM_READ, VM_WRITE } from 'mmrace'
import { REFCOUNT, RWSEM } from './scenes/vma-lookup.js'

export default race({
  name: 'vma-lookup-vs-merge',
  title: 'a fault has found its VMA under RCU when mprotect merges it with the one before it',
  references: ['per-vma-lock: mm/mmap: write-lock VMAs before merging, splitting or expanding them'],
  needs: ['PER_VMA_LOCK'],
  geometry: { vmas: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0] })
    k.call(sys_mprotect(mm, 1, 1, VM_READ))
    return { mm }
  },
  cpus: {
    mprotect: function* ({ mm }) {
      yield* sys_mprotect(mm, 1, 1, VM_READ | VM_WRITE)
      yield* reach('merged')
    },
    fault: function* ({ mm }) {
      if (yield* user_write(mm, 1, 1)) yield* reach('written')
      else yield* reach('SIGSEGV')
    },
  },
  sometimes: ['merged', 'written', 'SIGSEGV'],
  variants: {
    fixed: { apply: REFCOUNT, expect: holds, because: 'both VMAs are locked for writing before one of them grows and the other goes' },
    bug: {
      apply: [...REFCOUNT, 'mutant-vma-write-without-wait'],
      expect: violates('O13', 'all'),
      because: 'the fault goes on with a VMA that grows, or is freed, under it',
    },
    'seq-unread': { apply: [...REFCOUNT, 'mutant-vma-seq-unread'], expect: violates('O13', 'all') },
    '6.12': { apply: RWSEM, revert: ['vma-refcount'], expect: holds },
    '6.12-seq-unread': { apply: [...RWSEM, 'mutant-vma-seq-unread'], revert: ['vma-refcount'], expect: violates('O13', 'all') },
  },
})
