import { holds, MADV, race, reach, sys_madvise, sys_mremap, user_store, violates } from 'mmrace'
import { flushedAtEnd as MERGING, PT_RECLAIM } from './scenes/table-reclaim.js'

export default race({
  name: 'madvise-flush-vs-mremap',
  title: 'MADV_DONTNEED has dropped the lock of the VMA and not flushed yet when mremap finds nothing there to move',
  references: ['madvise-shared-gather', 'madvise-vma-lock', 'mm/mremap.c:move_ptes'],
  needs: ['PER_VMA_LOCK'],
  tlb: true,
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2 })
    return { mm }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('given back')
    },
    mremap: function* ({ mm }) {
      if ((yield* sys_mremap(mm, 0, 1, 2, false)) === 0) yield* reach('moved')
    },
    user: function* ({ mm }) {
      yield* reach((yield* user_store(mm, 0, 1)) ? 'written' : 'fault')
    },
  },
  sometimes: ['given back', 'moved', 'written', 'fault'],
  oracles: ['O1', 'O2', 'O3', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'the munmap() at the end of mremap() finds another gather open, and flushes everything' },
    bug: {
      apply: PT_RECLAIM,
      revert: ['99baac21e458'],
      expect: violates('O1', MERGING),
      because: 'mremap itself does not ask whether a flush is pending, and moves nothing that it would flush',
    },
    'announced-late': { apply: [...PT_RECLAIM, 'mutant-flush-pending-late'], expect: violates('O1', MERGING) },
  },
})
