import { guest_write, holds, kvm, MADV, mmu_notifier_register, race, reach, reclaim_folio, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'notifier-register-vs-reclaim',
  title: 'a guest is set up, and its notifier registered, while reclaim is unmapping a page of its memory',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:__mmu_notifier_register', 'mm/mmap.c:mm_take_all_locks'],
  geometry: { swapSlots: 1, tables: 1, pages: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1, value: 1 })
    k.call(sys_madvise(mm, 0, 1, MADV.COLD))
    return { mm, page: k.pageAt(mm, 0), mmu: k.spareMmu(kvm) }
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      yield* mmu_notifier_register(mmu.notifier, mm)
      if (yield* guest_write(mmu, mm, 0, 2)) yield* reach('written')
    },
    reclaim: function* ({ page }) {
      yield* reach((yield* reclaim_folio(page)) ? 'swapped out' : 'kept')
    },
  },
  sometimes: ['written', 'swapped out', 'kept'],
  oracles: ['O2', 'O9', 'O10', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'who registers has the mmap_lock and all locks of the rmap: no invalidation has begun without it' },
    'without-locks': {
      apply: ['mutant-register-without-locks'],
      expect: violates('O10', 'all'),
      because: 'nobody has told the guest of the start, so that it maps the page that is being unmapped',
    },
  },
})
