import { byKernel, race, reach, retract_page_tables, violates } from 'mmrace'

/** Where hardware walks page tables, and caches what it found on the way. */
const WALKED = ['x86-native', 'x86-pv', 'x86-pae', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 's390', 'riscv64']

/** Since 6.6 it is the flush of the CPUs that flushes IOMMUs too: s390, which has none of these devices, does not call them. */
const UNTOLD = violates('O3', ['s390'])

export default race({
  name: 'sva-vs-page-table-retraction',
  title: 'khugepaged frees a page table that an IOMMU walks',
  bug: 'H1',
  references: ['f268f6cf875f mm/khugepaged: invoke MMU notifiers in shmem/file collapse paths', 'CVE-2022-48991'],
  tlb: true,
  geometry: { files: 1, iommus: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [] })
    k.sva(mm)
    return { file }
  },
  cpus: {
    khugepaged: function* ({ file }) {
      yield* retract_page_tables(file, 0)
      yield* reach('retracted')
    },
  },
  sometimes: ['retracted'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': violates('O3', ['riscv64']), '6.12': UNTOLD }),
      because: '6.1 has no pmdp_collapse_flush() of riscv64: a fence with an address leaves the pointer to the table in walk caches',
    },
    'end-first': {
      apply: ['mutant-retract-end-first'],
      expect: byKernel({ '6.1': violates('O3', WALKED), '6.12': UNTOLD }),
      because: 'flushed before the pointer to the table is taken away: the IOMMU walks there again',
    },
    bug: {
      revert: ['f268f6cf875f'],
      expect: byKernel({ '6.1': violates('O3', WALKED), '6.12': UNTOLD }),
      because: 'the IOMMU has the pointer to the table in its walk cache',
    },
    'end-without-flush': {
      apply: ['end-without-flush'],
      expect: byKernel({ '6.1': violates('O3', WALKED), '6.12': UNTOLD }),
      because: 'of all that the notifiers do, it is the end that flushes IOMMUs',
    },
  },
})
