import { holds, MADV, race, reach, sys_madvise, violates } from 'mmrace'
import { deviceExclusive } from './scenes/device-exclusive.js'

export default race({
  name: 'device-exclusive-vs-madvise',
  title: 'the memory that a device is about to take for itself is given back',
  seed: 'S2',
  references: ['b756a3b5e7ea mm: device exclusive memory access'],
  ...deviceExclusive,
  cpus: {
    ...deviceExclusive.cpus,
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  maybe: ['the device has it'],
  sometimes: [...deviceExclusive.sometimes, 'unmapped'],
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
