import { holds, MADV, race, reach, retract_page_tables, sys_madvise, user_write, violates } from 'mmrace'

export default race({
  name: 'guard-vs-retraction',
  title: 'guard pages are installed in a page table that khugepaged takes away, as it is empty',
  references: ['mm/khugepaged.c:file_backed_vma_is_retractable'],
  tlb: true,
  geometry: { files: 1, tables: 3 },
  needs: ['MADV_GUARD'],
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [] })
    return { mm, file }
  },
  cpus: {
    guard: function* ({ mm }) {
      if (yield* sys_madvise(mm, 0, 1, MADV.GUARD_INSTALL)) return
      if (!(yield* user_write(mm, 0, 1))) yield* reach('signal')
    },
    khugepaged: function* ({ file }) {
      yield* retract_page_tables(file, 0)
      yield* reach('went through')
    },
  },
  sometimes: ['signal', 'went through'],
  variants: {
    fixed: { expect: holds, because: 'the flag is set before the page-table lock is taken, and looked at with it' },
    bug: { apply: ['mutant-guard-flag-late'], expect: violates('O18', 'all'), because: 'the table goes with its markers: the next access finds nothing, and takes a fault like any other' },
    'flag-looked-at-early': { apply: ['mutant-retract-looks-early'], expect: violates('O18', 'all') },
  },
})
