import { holds, race, reach, retract_page_tables, sys_mremap, violates } from 'mmrace'

/** Retraction without the mmap_lock, and what made that possible. */
const SINCE_6_6 = ['0d940a9b270b', '1d65b771bc08']
/** Where mremap() moves whole page tables (HAVE_MOVE_PMD), and where it moves entry by entry. */
const movesTables = ['x86-native', 'x86-pv', 'x86-pae', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'riscv64']
const movesEntries = ['ppc64-hash', 's390', 'loongarch64', 'sh', 'generic', 'generic-no-special', 'generic-no-fast-gup']

export default race({
  name: 'mremap-vs-retraction',
  title: 'mremap has decided to move a whole page table when khugepaged takes the table away',
  bug: 'B4',
  references: ['6fa1066fc5d0 mm/mremap: fix move_normal_pmd/retract_page_tables race', '1d65b771bc08', 'CVE-2024-50066'],
  geometry: { files: 1, tables: 3 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [] })
    return { mm, file }
  },
  cpus: {
    mremap: function* ({ mm }) {
      if ((yield* sys_mremap(mm, 0, 2, 2, false)) === 0) yield* reach('moved')
    },
    khugepaged: function* ({ file }) {
      yield* retract_page_tables(file, 0)
      yield* reach('retracted')
    },
  },
  sometimes: ['moved', 'retracted'],
  variants: {
    fixed: {
      apply: [...SINCE_6_6, '6fa1066fc5d0'],
      expect: holds,
      because: 'with the locks held mremap looks again, and finds that there is no table to move',
    },
    '6.1': { revert: [...SINCE_6_6, '6fa1066fc5d0'], expect: holds, because: 'khugepaged takes the mmap_lock for writing, and so does mremap' },
    bug: {
      revert: ['6fa1066fc5d0'],
      apply: SINCE_6_6,
      expect: violates('O13', movesTables),
      because: 'an entry that is none is moved as if it pointed to a table: to that at physical address 0',
    },
    'checked-too-early': {
      revert: ['6fa1066fc5d0'],
      apply: [...SINCE_6_6, 'mutant-pmd-check-before-locks'],
      expect: violates('O13', movesTables),
      because: 'khugepaged comes between the look and the locks',
    },
    'freed-at-once': {
      apply: [...SINCE_6_6, '6fa1066fc5d0', 'mutant-retracted-table-freed'],
      expect: violates('O3', movesEntries),
      because: 'a table is locked after it was found: without a grace period it may be free by then',
    },
  },
})
