import { dmirror_atomic_inc, dmirror_exclusive, holds, race, reach, user_write, violates } from 'mmrace'
import { deviceExclusive } from './scenes/device-exclusive.js'

export default race({
  name: 'device-exclusive-vs-fault',
  title: 'a device takes a page for itself, for an atomic operation, and a CPU wants to write to it',
  seed: 'S2',
  references: ['b756a3b5e7ea mm: device exclusive memory access'],
  ...deviceExclusive,
  cpus: {
    device: function* ({ mm, mirror }) {
      if ((yield* dmirror_exclusive(mirror, mm, 0, 1)) === 0) yield* reach('the device has it')
      if (yield* dmirror_atomic_inc(mirror, 0)) yield* reach('counted')
    },
    user: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* reach('written')
    },
  },
  sometimes: ['the device has it', 'counted', 'written'],
  variants: {
    fixed: { expect: holds, because: 'the fault locks the page, has the device give it up, and only then maps it' },
    bug: {
      apply: ['mutant-exclusive-untold'],
      expect: violates('O10', 'all'),
      because: 'CPU and device both write: the operation of the device is not atomic any more',
    },
  },
})
