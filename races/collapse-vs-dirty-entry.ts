import { __pte_alloc, holds, MADV, pmd_offset, race, reach, sys_madvise, user_read, user_write, violates, write_one_page } from 'mmrace'

export default race({
  name: 'collapse-vs-dirty-entry',
  title: 'khugepaged puts a huge entry in the place of small ones, and one of them is dirty where the page is not',
  references: ['mm/khugepaged.c:try_collapse_pte_mapped_thp'],
  tlb: true,
  geometry: { files: 1, tables: 3 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [0, 1], value: 1 })
    k.call(sys_madvise(mm, 0, 2, MADV.COLLAPSE))
    // A huge page that is clean, as one that a read of a file in tmpfs has made (huge=always); and a table to map it by.
    k.call(write_one_page(k.page(file, 0)))
    k.call(sys_madvise(mm, 0, 2, MADV.DONTNEED))
    k.call(__pte_alloc(mm, pmd_offset(mm, 0)))
    return { mm }
  },
  cpus: {
    user: function* ({ mm }) {
      yield* user_read(mm, 0)
      yield* user_write(mm, 0, 2)
      yield* reach('written')
    },
    collapse: function* ({ mm }) {
      if ((yield* sys_madvise(mm, 0, 2, MADV.COLLAPSE)) === 0) yield* reach('collapsed')
    },
  },
  sometimes: ['written', 'collapsed'],
  oracles: ['O2', 'O7', 'O9', 'O13'],
  variants: {
    fixed: {
      expect: violates('O7', 'all'),
      because: 'as released: of shared memory nobody is asked before a write, and a huge page that was made for a read is clean',
    },
    'dirty-kept': { apply: ['collapse-keeps-dirty'], expect: holds, because: 'whoever takes an entry out takes its dirty bit along, with the folio locked' },
  },
})
