import { holds, MADV, race, reach, sys_madvise, violates, wp_shared_mapping_range } from 'mmrace'

export default race({
  name: 'write-protect-range-vs-huge-zap',
  title: 'a driver write-protects the mappings of a file without the mmap_lock, and a huge page of it is unmapped',
  seed: 'S3',
  question: 'Q19',
  asked: `The page table walking above is broken for various thing you might find in any other vma like THP, device pte, hugetlbfs,`,
  answer: `It is: what was proposed looks at a PMD twice and believes the second look. What was merged is built on the page walk, which
decides by one look, and leaves huge pages and hugetlbfs alone.`,
  references: ['mm/mapping_dirty_helpers.c', 'mm: Add an apply_to_pfn_range interface (mail of April 2019)'],
  geometry: { files: 1 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [0, 1] })
    k.call(sys_madvise(mm, 0, 2, MADV.COLLAPSE))
    return { mm, file }
  },
  cpus: {
    driver: function* ({ file }) {
      yield* wp_shared_mapping_range(file, 0, 2)
      yield* reach('protected')
    },
    zap: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['protected', 'unmapped'],
  oracles: ['O3', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'the page walk decides by one look at the PMD, and looks again if it has changed' },
    proposed: {
      apply: ['apply-to-pfn-range'],
      expect: violates('O13', 'all'),
      because: 'huge at the first look, none at the second: what is there then is taken for a page table',
    },
  },
})
