import { folio_isolate_hugetlb, holds, migrate_pages, putback_movable_pages, race, reach, sys_mremap, user_store, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'hugetlb-mremap-vs-migration',
  title: 'mremap() of hugetlbfs unlocks the tables before it flushes, and the page migrates meanwhile',
  asked: 'Is it enough that mremap() of a private mapping of hugetlbfs flushes the old addresses before it drops i_mmap_rwsem?',
  answer: `Not for anonymous pages. Their rmap goes by the anon_vma, which nobody holds: migration finds the entry at the new address as
soon as the page-table locks are dropped, and flushes that address only. A CPU that still has the old one writes to the old page after it was
copied, and freed. move_ptes() had this fault until eb66ae030829, which made it flush under the locks. And it looks for entries without
a lock: one that migration has cleared, and is about to write again, stays behind, and is lost with the old mapping.`,
  references: ['eb66ae030829 mremap: properly flush TLB before releasing the page', '550a7d60bd5e mm, hugepages: add mremap() support'],
  tlb: true,
  geometry: { vmas: 3, anonVmaChains: 3, files: 1, hugetlbPages: 2, hugePages: 1, pages: 1, tables: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.hugetlb(mm, { pages: 1, shared: false })
    return { mm, page: k.pageAt(mm, 0) }
  },
  cpus: {
    mremap: function* ({ mm }) {
      if ((yield* sys_mremap(mm, 0, 1, 2, false)) === 0) yield* reach('moved')
    },
    migration: function* ({ page }) {
      if (!(yield* folio_isolate_hugetlb(page))) return
      const left = yield* migrate_pages([page], { async: true, nosplit: false })
      if (left.length === 0) yield* reach('migrated')
      yield* putback_movable_pages(left)
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['moved', 'migrated', 'written', 'fault'],
  variants: {
    fixed: { apply: ['hugetlb-move-locked'], expect: holds, because: 'nobody can find the entry before the old address is flushed' },
    bug: { expect: violates('O2', deferredFlush), because: 'the old page is copied and freed while a CPU can write to it' },
    'looks-unlocked': {
      apply: ['hugetlb-move-locked', 'mutant-move-looks-unlocked'],
      expect: violates('O1', deferredFlush),
      because: 'an entry that migration is about to write is taken for none, and stays at the old address',
    },
  },
})
