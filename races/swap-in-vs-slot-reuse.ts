import { holds, MADV, race, reach, sys_madvise, user_read, user_write, violates } from 'mmrace'

export default race({
  name: 'swap-in-vs-slot-reuse',
  title: 'a swap-in past the swap cache sleeps while its slot is freed and used again for a newer copy',
  references: ['13ddaf26be32 mm/swap: fix race when skipping swapcache', 'CVE-2024-26759'],
  geometry: { swapSlots: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1, value: 1 })
    k.call(sys_madvise(mm, 0, 1, MADV.PAGEOUT))
    return { mm }
  },
  cpus: {
    reader: function* ({ mm }) {
      const value = yield* user_read(mm, 0)
      if (value === 1) yield* reach('read before the write')
      else yield* reach('read after the write')
    },
    writer: function* ({ mm }) {
      yield* user_write(mm, 0, 2)
      yield* sys_madvise(mm, 0, 1, MADV.PAGEOUT)
      yield* reach('paged out again')
    },
  },
  sometimes: ['read before the write', 'read after the write', 'paged out again'],
  variants: {
    fixed: { expect: holds, because: 'the slot is not free before the one who reads it has looked at the entry again' },
    bug: {
      revert: ['13ddaf26be32'],
      expect: violates('O6', 'all'),
      because: 'the entry is the same word again, for a later content of the slot',
    },
    'claim-dropped-early': { apply: ['mutant-swapcache-clear-early'], expect: violates('O6', 'all') },
  },
})
