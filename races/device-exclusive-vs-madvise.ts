import { dmirror_exclusive, holds, MADV, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'device-exclusive-vs-madvise',
  title: 'the memory that a device is about to take for itself is given back',
  seed: 'S2',
  references: ['b756a3b5e7ea mm: device exclusive memory access'],
  needs: ['ZONE_DEVICE'],
  geometry: { pages: 3, devicePrivate: 1, mirrors: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, mirror: k.mirror(mm) }
  },
  cpus: {
    device: function* ({ mm, mirror }) {
      if ((yield* dmirror_exclusive(mirror, mm, 0, 1)) === 0) yield* reach('the device has it')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['the device has it', 'unmapped'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
  variants: {
    fixed: {
      apply: ['hmm-exclusive-check'],
      expect: holds,
      because: 'the driver asks under its own lock, which the callback takes too, whether the pages are still its own',
    },
    bug: {
      expect: violates('O10', 'all'),
      because: 'lib/test_hmm.c does not ask, against what make_device_exclusive_range() says, and maps a page that is free',
    },
  },
})
