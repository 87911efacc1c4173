import {
  dma_write, dmirror_migrate_to_device, FOLL_LONGTERM, FOLL_WRITE, holds, MADV, pin_user_pages_unlocked, race, reach, sys_madvise,
  unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: 'longterm-pin-of-device-page',
  title: 'a long-term pin moves a device-coherent page to RAM, and its entry goes away meanwhile',
  seed: 'S2',
  bug: 'F1',
  question: 'Q12',
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  geometry: { pages: 3, deviceCoherent: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(dmirror_migrate_to_device(k.mirror(mm), mm, 0, 1))
    return { mm }
  },
  cpus: {
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_LONGTERM)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['pinned', 'unmapped'],
  // Not O6: what goes through a pin after MADV_DONTNEED is lost to the owner, who asked for that.
  oracles: ['O2', 'O3', 'O4', 'O5', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'nothing is pinned on the way; GUP walks again and pins what is mapped then' },
    'v8-of-the-patch': {
      apply: ['v8-pin-destination'],
      expect: violates('O4', 'all'),
      because: 'the new page is pinned before the entry maps it, and returned even if nothing ever does',
    },
    'fails-instead': { revert: ['b05a79d4377f'], expect: holds, because: 'before 6.0 such a pin just failed' },
  },
})
