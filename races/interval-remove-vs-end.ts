import {
  holds, kfree, mmu_interval_notifier_insert, mmu_interval_notifier_remove, mmu_interval_set_seq, race, reach, sys_madvise, MADV, violates,
} from 'mmrace'

export default race({
  name: 'interval-remove-vs-end',
  title: 'a driver frees its interval notifier when it has been removed, while the invalidation that it waited for ends',
  seed: 'S4',
  bug: 'H-319561669a59',
  asked: 'Is nobody at the notifier any more when mmu_interval_notifier_remove() has returned?',
  answer: `Nobody, since 5.18. An invalidation ends by raising the sequence, and goes on, with the lock, to take those off the tree that
were removed meanwhile. Who waited for the sequence without the lock could free the notifier before that.`,
  references: ['https://git.kernel.org/linus/319561669a59', 'mm/mmu_notifier.c:mn_itree_inv_end'],
  geometry: { tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const sub = k.intervalNotifier('bo.notifier', function* (self, _, cur_seq) {
      yield* mmu_interval_set_seq(self, cur_seq)
      return true
    })
    k.call(mmu_interval_notifier_insert(sub, mm, 0, 1))
    return { mm, sub, bo: k.object('bo', {}, sub) }
  },
  cpus: {
    madvise: ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED),
    driver: function* ({ mm, sub, bo }) {
      yield* mmu_interval_notifier_remove(sub, mm)
      yield* kfree(bo)
      yield* reach('freed')
    },
  },
  sometimes: ['freed'],
  variants: {
    fixed: { expect: holds },
    finely: { apply: ['fine-interval-tree'], expect: holds },
    bug: {
      revert: ['319561669a59'], apply: ['fine-interval-tree'], expect: violates('O2', 'all'),
      because: 'the driver sees the new sequence, and frees the notifier while it is still on the list that the invalidation goes through',
    },
    'list-unlocked': {
      apply: ['fine-interval-tree', 'mutant-deferred-list-unlocked'], expect: violates('O2', 'all'),
      because: 'who asks under the lock is told that the invalidation has ended, before the list has been gone through',
    },
    coarsely: { revert: ['319561669a59'], expect: holds, because: 'raising the sequence and going through the list are one step' },
  },
})
