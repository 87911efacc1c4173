import { holds, MADV, race, reach, sys_madvise, sys_mprotect, user_store, violates, VM_READ } from 'mmrace'
import { flushedAtEnd as MERGING, PT_RECLAIM } from './scenes/table-reclaim.js'

export default race({
  name: 'madvise-flush-vs-mprotect',
  title: 'MADV_DONTNEED has dropped the lock of the VMA and not flushed yet when mprotect finds nothing there to protect',
  references: ['madvise-shared-gather: mm/madvise: batch tlb flushes for MADV_DONTNEED and MADV_FREE', '99baac21e458'],
  needs: ['PER_VMA_LOCK'],
  tlb: true,
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('given back')
    },
    mprotect: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, VM_READ)
      yield* reach('protected')
    },
    user: function* ({ mm }) {
      yield* reach((yield* user_store(mm, 0, 1)) ? 'written' : 'fault')
    },
  },
  sometimes: ['given back', 'protected', 'written', 'fault'],
  oracles: ['O1', 'O2', 'O3', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'who finishes while another gather is open flushes everything' },
    bug: {
      apply: PT_RECLAIM,
      revert: ['99baac21e458'],
      expect: violates('O1', MERGING),
      because: 'mprotect returns, and a CPU still writes through the translation that MADV_DONTNEED has yet to flush',
    },
    'announced-late': { apply: [...PT_RECLAIM, 'mutant-flush-pending-late'], expect: violates('O1', MERGING) },
    'mmap-lock': { apply: PT_RECLAIM.filter((id) => id !== 'madvise-vma-lock'), revert: ['99baac21e458', 'madvise-vma-lock'], expect: holds, because: 'the mmap_lock is dropped after the flush' },
  },
})
