import {
  collapse_huge_page, holds, khugepaged_collapse_control, mmap_read_lock, race, reach, violates, write_protect_any,
} from 'mmrace'

export default race({
  name: 'apply-to-page-range-vs-collapse',
  title: 'a driver uses apply_to_page_range() on anonymous memory that khugepaged collapses',
  seed: 'S3',
  question: 'Q19',
  asked: `there should be a big FAT warning that this can only be use against mmap of device file.`,
  answer: `Not enough by itself. A huge page is refused; but without the mmap_lock it can come or go between two looks at the same PMD, and
then a table is put where another one is about to return.`,
  references: ['mm/memory.c:apply_to_page_range', 'mm/pagewalk.c'],
  geometry: { tables: 3 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0], thp: true })
    return { mm }
  },
  cpus: {
    driver: function* ({ mm }) {
      if (yield* write_protect_any(mm, 0, 2)) yield* reach('protected')
      else yield* reach('refused')
    },
    khugepaged: function* ({ mm }) {
      yield* mmap_read_lock(mm)
      if ((yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)) === 'SCAN_SUCCEED') yield* reach('collapsed')
    },
  },
  sometimes: ['protected', 'refused', 'collapsed'],
  oracles: ['O3', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'under the mmap_lock a table stays a table; a huge page is refused, and so stays writable' },
    unlocked: {
      apply: ['driver-walks-unlocked'],
      expect: violates('O13', 'all'),
      because: 'the PMD is none for a while: a second table goes in, and khugepaged finds that impossible',
    },
  },
})
