import { holds, MADV, race, reach, reclaim_folio, sys_madvise, sys_move_pages, user_read, violates } from 'mmrace'

/** Where a huge page is swapped out whole. */
const THP_SWAP = ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'riscv64']

export default race({
  name: 'huge-swap-cache-vs-migration',
  title: 'a huge page comes back from the swap cache before it has gone, and migrates',
  references: ['fc346d0a70a1 mm: migrate high-order folios in swap cache correctly'],
  geometry: { nodes: 2, swapSlots: 2, pages: 2 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    const page = k.pageAt(mm, 0)
    k.call(sys_madvise(mm, 0, 2, MADV.COLD))
    return { mm, page }
  },
  cpus: {
    kswapd: function* ({ page }) {
      if (yield* reclaim_folio(page)) yield* reach('swapped out')
      else yield* reach('kept')
    },
    program: function* ({ mm }) {
      yield* user_read(mm, 0)
      const { result } = yield* sys_move_pages(mm, 0, 1, 1)
      if (result === 0) yield* reach('moved')
      yield* user_read(mm, 1)
    },
  },
  sometimes: ['swapped out', 'kept', 'moved'],
  variants: {
    fixed: { expect: holds, because: 'every slot of the swap cache leads to the new page' },
    bug: {
      revert: ['fc346d0a70a1'],
      expect: violates('livelock', THP_SWAP),
      because: 'only the first slot does: for the others a fault finds the old page, which is free, and tries again',
    },
    'tails-without-slot': { apply: ['mutant-tails-without-slot'], expect: violates('livelock', THP_SWAP), because: 'the fault takes the page for one of another slot' },
  },
})
