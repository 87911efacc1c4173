import { dmirror_migrate_to_device, holds, MADV, race, reach, sys_madvise, user_write, violates } from 'mmrace'

export default race({
  name: 'device-private-fault-vs-madvise',
  title: 'a fault on device-private memory is on its way to the driver when another thread frees the page',
  seed: 'S2',
  bug: 'F2',
  references: ['16ce101db85d mm/memory.c: fix race when faulting a device private page', 'CVE-2022-3523'],
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
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('page freed')
    },
  },
  sometimes: ['written', 'page freed'],
  oracles: ['O2', 'O3', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'the fault holds a reference before the driver can get its page back' },
    bug: {
      revert: ['16ce101db85d', 'devpriv-trylock'],
      expect: violates('O2', 'all'),
      because: 'the driver is handed a page that it has freed already',
    },
    'no-recheck': { apply: ['mutant-private-no-recheck'], expect: violates('O2', 'all'), because: 'a reference to a page that is free keeps nothing' },
  },
})
