import { absent, byKernel, holds, MADV, pmd_offset, pte_alloc, race, reach, sys_madvise, truncate_setsize, violates } from 'mmrace'

/** Page tables of a file go with their own locks held, and after a grace period. */
const SINCE_6_6 = ['0d940a9b270b', '1d65b771bc08', '1043173eb5eb']
const GONE = absent('table that goes without its lock since 6.6')

export default race({
  name: 'truncate-vs-retraction',
  title: 'truncation zaps by way of the file while MADV_COLLAPSE takes the page table away to map a huge page',
  references: ['8d3c106e19e8 mm/khugepaged: take the right locks for page table retraction'],
  geometry: { files: 1, mms: 2, vmas: 3, tables: 3 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [0] })
    k.call(sys_madvise(k.fork(mm), 0, 2, MADV.COLLAPSE))
    // The file has a huge page now, which the parent maps by an entry of its table; since 6.6 it has lost that one.
    k.call(pte_alloc(mm, pmd_offset(mm, 0)))
    k.read(mm, 0)
    return { mm, file }
  },
  cpus: {
    collapse: function* ({ mm }) {
      if ((yield* sys_madvise(mm, 0, 2, MADV.COLLAPSE)) === 0) yield* reach('collapsed')
    },
    truncate: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      yield* reach('truncated')
    },
  },
  sometimes: ['collapsed', 'truncated'],
  variants: {
    fixed: { expect: holds, because: 'the lock of the file keeps truncation out of the table; since 6.6 the locks of the table do, and its entries are gone' },
    bug: {
      revert: ['8d3c106e19e8'],
      expect: byKernel({ '6.1': violates('O3', 'all'), '6.12': GONE }),
      because: 'the mmap_lock keeps out those who come from the process, not those who come from the file',
    },
    'unlocked-first': {
      apply: ['mutant-mapping-unlocked-first'],
      expect: byKernel({ '6.1': violates('O3', 'all'), '6.12': GONE }),
      because: 'truncation has read the PMD when the table goes',
    },
    '6.6': { apply: SINCE_6_6, expect: holds, because: 'as since 6.6' },
    '6.6-entries-kept': {
      apply: [...SINCE_6_6, 'mutant-collapse-keeps-entries'],
      expect: violates('O9', 'all'),
      because: 'truncation finds an entry whose mapping has been dropped, and drops it again',
    },
  },
})
