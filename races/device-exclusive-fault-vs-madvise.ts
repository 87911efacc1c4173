import { dmirror_exclusive, holds, MADV, race, reach, sys_madvise, user_write, violates } from 'mmrace'

export default race({
  name: 'device-exclusive-fault-vs-madvise',
  title: 'a CPU takes a page back from a device while another thread gives the memory back',
  seed: 'S2',
  references: ['b756a3b5e7ea mm: device exclusive memory access'],
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 3, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(dmirror_exclusive(k.mirror(mm), mm, 0, 1))
    return { mm }
  },
  cpus: {
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* reach('written')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: { expect: holds, because: 'the fault takes a reference that only a page in use has, and looks at the entry again under the lock' },
    bug: {
      apply: ['mutant-exclusive-no-recheck'],
      expect: violates('O9', 'all'),
      because: 'the entry is gone, and its reference with it: what is mapped is about to be freed',
    },
  },
})
