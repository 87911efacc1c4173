import { holds, MADV, race, reach, sys_madvise, user_write, violates } from 'mmrace'
import { PT_RECLAIM, without } from './scenes/table-reclaim.js'

/** Where pages wait for the flush in batches: s390 frees each as it is unmapped, and does not drop the lock. */
const BATCHES = [
  'x86-native', 'x86-pv', 'x86-pae', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 'riscv64', 'riscv64-svrsw60t59b', 'loongarch64',
]

export default race({
  name: 'dontneed-table-vs-refill',
  title: 'MADV_DONTNEED drops the lock of a page table half way, and takes it for empty in the end',
  references: ['f39edcf6349a mm: pgtable: fix incorrect reclaim of non-empty PTE pages', 'pt-reclaim'],
  needs: ['PT_RECLAIM'],
  geometry: { tables: 3, gatherPages: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1] })
    return { mm }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('given back')
    },
    writer: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['given back', 'written'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'a table that was unlocked in between is looked through, with both locks held' },
    bug: {
      ...without('f39edcf6349a'),
      expect: violates('O9', BATCHES),
      because: 'the writer has put a page into the part that was done, and that page goes with the table',
    },
    'looks-not': { apply: [...PT_RECLAIM, 'mutant-reclaim-looks-not'], expect: violates('O9', BATCHES) },
  },
})
