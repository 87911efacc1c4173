import { dmirror_migrate_to_device, holds, race, reach, user_write } from 'mmrace'

export default race({
  name: 'device-private-two-faults',
  title: 'two threads fault on one page that is in a device: does either get it back?',
  seed: 'S2',
  question: 'Q14',
  references: ['1afaeb8293c9 mm/migrate: Trylock device page in do_swap_page', 'mm/memory.c:do_swap_page of 6.12 and 7.3'],
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 3, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(dmirror_migrate_to_device(k.mirror(mm), mm, 0, 1))
    return { mm }
  },
  cpus: {
    fault: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
    'fault 2': function* ({ mm }) {
      if (yield* user_write(mm, 0, 2)) yield* reach('written by the other')
    },
  },
  sometimes: ['written', 'written by the other'],
  variants: {
    fixed: { apply: ['devpriv-trylock'], expect: holds, because: 'who comes second waits for the lock and takes no reference' },
    bug: {
      revert: ['devpriv-trylock'],
      expect: holds,
      because: 'the reference of each keeps the other from migrating the page: nothing breaks, and with --fair they may go on for ever',
    },
  },
})
