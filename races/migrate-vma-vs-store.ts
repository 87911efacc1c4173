import { dmirror_migrate_to_device, holds, race, reach, user_write, violates } from 'mmrace'

export default race({
  name: 'migrate-vma-vs-store',
  title: 'a page of a file is written to, and a driver tries in vain to migrate it',
  seed: 'S2',
  bug: 'F3',
  references: ['fd35ca3d12cc mm/migrate_device.c: copy pte dirty bit to page'],
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 4, files: 1, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.shared(mm, { pages: 1, touched: [] })
    // Writable, and clean: the next store tells nobody but the entry.
    k.read(mm, 0)
    return { mm, device: k.deviceMemory(mm) }
  },
  cpus: {
    device: function* ({ mm, device }) {
      yield* dmirror_migrate_to_device(device, mm, 0, 1)
      yield* reach('migration tried')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['migration tried', 'written'],
  oracles: ['O2', 'O7', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'the dirty bit of the entry that is cleared goes to the page' },
    bug: {
      revert: ['fd35ca3d12cc'],
      expect: violates('O7', 'all'),
      because: 'the page comes back clean, and what was written is dropped with it',
    },
    'destination-kept': { apply: ['mutant-finalize-keeps-destination'], expect: violates('O9', 'all') },
  },
})
