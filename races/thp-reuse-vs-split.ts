import { holds, MADV, race, reach, sys_madvise, user_write, violates } from 'mmrace'

/** How huge pages were reused until 5.17. */
const BY_MAPCOUNT = '3bff7e3f1f16'

export default race({
  name: 'thp-reuse-vs-split',
  title: 'a write fault counts the mappings of a shared huge page while a split moves them from the PMD to PTEs',
  bug: 'D3',
  references: ['c444eb564fb1 mm: thp: make the THP mapcount atomic against __split_huge_pmd_locked()', 'CVE-2020-29368', '3bff7e3f1f16'],
  geometry: { mms: 2, pages: 4, tables: 4, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const parent = k.mm()
    k.huge(parent)
    return { parent, child: k.fork(parent, 'child') }
  },
  cpus: {
    parent: function* ({ parent }) {
      yield* sys_madvise(parent, 0, 1, MADV.DONTNEED)
      yield* reach('split')
    },
    child: function* ({ child }) {
      if (yield* user_write(child, 1, 2)) yield* reach('written')
    },
  },
  sometimes: ['split', 'written'],
  variants: {
    fixed: { expect: holds, because: 'a page is reused when nobody else refers to it: one word, which every mapping counts in' },
    '5.17': { revert: [BY_MAPCOUNT], expect: holds, because: 'the count is in two words, and both sides lock the page' },
    bug: {
      revert: [BY_MAPCOUNT, 'c444eb564fb1'],
      expect: violates('O8', 'all'),
      because: 'the small mappings are counted before, the huge one after the split: one of two is missed',
    },
    'count-too-early': { revert: [BY_MAPCOUNT], apply: ['mutant-mapcount-before-lock'], expect: violates('O8', 'all') },
  },
})
