import { holds, pin_user_pages_unlocked, race, violates } from 'mmrace'
import { forkVsPin } from './scenes/fork-vs-pin.js'

export default race({
  name: 'fork-vs-pinned-page',
  title: 'fork shares a pinned page, and the next write of the parent copies it away from the device',
  bug: 'D4',
  references: ['70e806e4e645 mm: Do early cow for pinned pages during fork() for ptes', 'd042035eaf5f'],
  ...forkVsPin(pin_user_pages_unlocked),
  variants: {
    fixed: { expect: holds, because: 'the child gets its copy at once, the parent keeps the page' },
    bug: {
      revert: ['70e806e4e645'],
      expect: violates('O5', 'all'),
      because: 'the parent writes to a copy that the device does not know',
    },
    'pins-of-child': { apply: ['mutant-pins-of-child'], expect: violates('O5', 'all') },
    'flag-late': {
      apply: ['mutant-has-pinned-late'],
      expect: holds,
      because: 'here the pin is taken with the mmap_lock held, and fork() waits for it',
    },
  },
})
