import { FOLL_WRITE, holds, MADV, pin_user_pages_fast_only, race, reach, sys_madvise, violates } from 'mmrace'
import { PT_RECLAIM, reclaimsWithoutIpi } from './scenes/table-reclaim.js'

export default race({
  name: 'dontneed-table-vs-gup-fast',
  title: 'MADV_DONTNEED gives back the page table that a lockless walk is in',
  references: ['pt-reclaim: mm: pgtable: reclaim empty PTE page in madvise(MADV_DONTNEED)'],
  needs: ['PT_RECLAIM', 'HAVE_FAST_GUP'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0] })
    return { mm }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('given back')
    },
    gup_fast: function* ({ mm }) {
      const pages = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      yield* reach(pages.length > 0 ? 'pinned' : 'not pinned')
    },
  },
  sometimes: ['given back', 'pinned', 'not pinned'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'the table is freed after a grace period, and interrupts that are off hold that up' },
    bug: {
      apply: [...PT_RECLAIM, 'mutant-no-grace-period'],
      expect: violates('O3', reclaimsWithoutIpi),
      because: 'the flush waits for no walker; where it does, by an IPI, the table may go right after it',
    },
    'without-pte-recheck': {
      apply: [...PT_RECLAIM, 'mutant-no-pte-recheck'],
      expect: holds,
      because: 'the PMD is none by the time the walker has its reference; the page is the gather\'s until the flush',
    },
  },
})
