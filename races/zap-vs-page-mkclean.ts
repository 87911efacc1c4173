import { byKernel, holds, MADV, race, reach, sys_madvise, user_write, violates, write_one_page } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

/** On ppc64-hash the flush comes under the lock, but after the page counts as unmapped. */
const AFFECTED = [...deferredFlush, 'ppc64-hash']

export default race({
  name: 'zap-vs-page-mkclean',
  title: 'writeback looks for dirty entries after a zap has cleared one and before it has flushed',
  bug: 'A4',
  references: [
    '1cf35d47712d mm: split \'tlb_flush_mmu()\' into tlb flushing and memory freeing parts', '5d1904204c99',
    '5df397dec7c4 mm: delay page_remove_rmap() until after the TLB has been flushed',
  ],
  tlb: true,
  geometry: { files: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1, value: 1 })
    return { mm, page: k.page(file, 0) }
  },
  cpus: {
    zap: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
    writeback: function* ({ page }) {
      if (yield* write_one_page(page)) yield* reach('written back')
    },
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 2)
      yield* reach('written')
    },
  },
  sometimes: ['unmapped', 'written back', 'written'],
  oracles: ['O1', 'O2', 'O7', 'O9', 'O13', 'O14'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': violates('O7', AFFECTED), '6.12': holds }),
      because: 'as released: until 6.2 the page counts as unmapped before the flush, so that page_mkclean() does not even take the lock',
    },
    '6.2': {
      apply: ['5df397dec7c4'],
      expect: holds,
      because: 'the page stays mapped until the flush under the lock, so that page_mkclean() waits for it',
    },
    'flush-unlocked': {
      apply: ['5df397dec7c4', 'mutant-zap-flush-unlocked'],
      expect: violates('O7', deferredFlush),
      because: 'page_mkclean() takes the lock, but for an entry that is none already; ppc64-hash has flushed it by then',
    },
    bug: {
      revert: ['1cf35d47712d'],
      expect: violates('O7', AFFECTED),
      because: 'page_mkclean() finds no entry to clean, and a store through the stale one dirties nothing any more',
    },
  },
})
