import { dmirror_migrate_to_device, dmirror_migrate_to_system, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'device-private-fault-vs-migration',
  title: 'a fault on device-private memory is on its way to the driver when another one has brought the page back',
  seed: 'S2',
  bug: 'F2',
  references: ['16ce101db85d mm/memory.c: fix race when faulting a device private page', 'CVE-2022-3523'],
  geometry: { pages: 4, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1] })
    const mirror = k.mirror(mm)
    k.call(dmirror_migrate_to_device(mirror, mm, 0, 1))
    return { mm, mirror }
  },
  cpus: {
    fault: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
    driver: function* ({ mm, mirror }) {
      yield* dmirror_migrate_to_system(mirror, mm, 0, 1)
      if ((yield* dmirror_migrate_to_device(mirror, mm, 1, 1)) === 1) yield* reach('page used again')
    },
  },
  sometimes: ['written', 'page used again'],
  variants: {
    fixed: { expect: holds, because: 'the fault holds a reference before the driver can get its page back' },
    bug: {
      revert: ['16ce101db85d'],
      expect: violates('O2', 'all'),
      because: 'the driver is handed a page that it has freed, and given to somebody else',
    },
  },
})
