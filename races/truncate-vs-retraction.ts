import { holds, MADV, race, reach, sys_madvise, truncate_setsize, violates } from 'mmrace'

export default race({
  name: 'truncate-vs-retraction',
  title: 'truncation zaps by way of the file while MADV_COLLAPSE takes the page table away to map a huge page',
  references: ['8d3c106e19e8 mm/khugepaged: take the right locks for page table retraction'],
  geometry: { files: 1, mms: 2, vmas: 3, tables: 3 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [0] })
    k.call(sys_madvise(k.fork(mm), 0, 2, MADV.COLLAPSE))
    // The file has a huge page now, which the parent maps by an entry of its table.
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
    fixed: { expect: holds, because: 'the lock of the file keeps truncation out of the table' },
    bug: {
      revert: ['8d3c106e19e8'],
      expect: violates('O3', 'all'),
      because: 'the mmap_lock keeps out those who come from the process, not those who come from the file',
    },
    'unlocked-first': {
      apply: ['mutant-mapping-unlocked-first'],
      expect: violates('O3', 'all'),
      because: 'truncation has read the PMD when the table goes',
    },
  },
})
