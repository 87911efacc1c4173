/** A race of the user's own: calls of kernel functions. */
export const raceTemplate = (name: string): string => `// A race of your own. Run it:  mmrace check ${name}.ts   and without the fix:  mmrace check ${name}.ts --bug
import {
  collapse_huge_page, dma_write, FOLL_WRITE, holds, khugepaged_collapse_control, mmap_read_lock, pin_user_pages_fast_only, race,
  reach, unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: '${name}',
  title: 'a page is pinned while khugepaged collapses it',

  // The state to start from. Nobody else runs yet.
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0], thp: true })
    return { mm }
  },

  // What each CPU runs: calls of kernel functions. Every yield* is a step, or a function made of steps.
  cpus: {
    khugepaged: function* ({ mm }) {
      yield* mmap_read_lock(mm)
      if ((yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)) === 'SCAN_SUCCEED') yield* reach('collapsed')
    },
    driver: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },

  // What must happen in some run, or the race proves nothing.
  sometimes: ['collapsed', 'pinned'],

  // Kernels to run it on, and what you expect of each.
  variants: {
    fixed: { expect: holds },
    bug: { revert: ['70cbc3cc78a9', '2ba99c5e0881'], expect: violates('O6', ['x86-pv', 'arm64', 'ppc64-radix', 's390']) },
  },
})
`
