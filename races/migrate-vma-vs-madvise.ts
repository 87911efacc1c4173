import { deferredFlush } from './scenes/profiles.js'
import { dmirror_migrate_to_device, holds, MADV, race, reach, sys_madvise, user_store, violates } from 'mmrace'

export default race({
  name: 'migrate-vma-vs-madvise',
  title: 'MADV_DONTNEED finds a migration entry whose page a CPU can still reach',
  seed: 'S2',
  bug: 'F3',
  references: ['60bae7370896 mm/migrate_device.c: flush TLB while holding PTL'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { pages: 4, files: 1, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.shared(mm, { pages: 1 })
    return { mm, mirror: k.mirror(mm) }
  },
  cpus: {
    device: function* ({ mm, mirror }) {
      yield* dmirror_migrate_to_device(mirror, mm, 0, 1)
      yield* reach('migration tried')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['migration tried', 'unmapped', 'written'],
  oracles: ['O1'],
  variants: {
    fixed: { expect: holds, because: 'the entries are flushed before the page-table lock is dropped' },
    bug: {
      revert: ['60bae7370896', 'migrate-thp'],
      expect: violates('O1', deferredFlush),
      because: 'whoever finds the entry not present sees nothing to flush',
    },
    'flushed-first': { revert: ['migrate-thp'], apply: ['mutant-collect-flush-first'], expect: violates('O1', deferredFlush), because: 'a CPU may take the entry into its TLB again' },
  },
})
