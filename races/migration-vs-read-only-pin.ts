import {
  clear_refs_soft_dirty, dup_mm, holds, pin_user_pages_fast_only, race, reach, sys_move_pages, unpin_user_page, user_write, violates,
} from 'mmrace'
import { withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'migration-vs-read-only-pin',
  title: 'migration takes the exclusive mark from a page while GUP-fast relies on it for a read-only pin',
  bug: 'C3',
  references: ['088b8aa537c2 mm: fix PageAnonExclusive clearing racing with concurrent RCU GUP-fast'],
  litmus: ['c3-clear-anon-exclusive-vs-gup-fast'],
  geometry: { nodes: 2, mms: 2, pages: 3, tables: 3, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  needs: ['HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    // The entry is read-only, and the page exclusive.
    k.call(clear_refs_soft_dirty(mm))
    return { mm }
  },
  cpus: {
    parent: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, 0)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
      yield* unpin_user_page(page)
    },
    migration: function* ({ mm }) {
      yield* sys_move_pages(mm, 0, 1, 1)
      yield* reach('migration done')
    },
  },
  sometimes: ['pinned', 'not pinned', 'migration done'],
  variants: {
    fixed: {
      expect: holds,
      because: 'with or without the barriers of 088b8aa537c2: whoever rechecks the entry after it was restored finds the mark gone',
    },
    'pins-too-early': {
      apply: ['mutant-share-before-clear'],
      expect: violates('O5', withFastGupSince612),
      because: 'the order of the steps is needed in any case: first the entry goes, then the look for pins',
    },
  },
})
