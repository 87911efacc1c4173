import { clear_refs_soft_dirty, holds, MADV, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'madvise-vs-clear-refs',
  title: 'MADV_DONTNEED steps over a huge entry that clear_refs has just taken out to clear its soft-dirty bit',
  bug: 'E2',
  references: ['5b7abeae3af8 thp: fix MADV_DONTNEED vs clear soft dirty race', '29a951dfb3c3 mm: fix clear_refs_write locking'],
  tlb: true,
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    return { mm }
  },
  cpus: {
    clear_refs: function* ({ mm }) {
      yield* clear_refs_soft_dirty(mm)
      yield* reach('cleared')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['cleared', 'unmapped'],
  oracles: ['O1', 'O2', 'O3', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'the mmap_lock keeps them apart; and the entry is never none' },
    'lock-for-reading': { revert: ['29a951dfb3c3'], expect: holds, because: 'as it was until 5.10: the entry is never none' },
    bug: {
      revert: ['5b7abeae3af8', '29a951dfb3c3'],
      expect: violates('O1', ['x86-native', 'x86-pv', 'ppc64-radix', 'ppc64-hash', 's390']),
      because: 'the entry comes back after MADV_DONTNEED has looked',
    },
  },
})
