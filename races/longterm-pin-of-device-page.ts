import { holds, MADV, race, sys_madvise, violates } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'

export default race({
  name: 'longterm-pin-of-device-page',
  title: 'a long-term pin moves a device-coherent page to RAM, and its entry goes away meanwhile',
  seed: 'S2',
  bug: 'F1',
  question: 'Q12',
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('madvise', ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED), 'unmapped'),
  // Not O6: what goes through a pin after MADV_DONTNEED is lost to the owner, who asked for that.
  oracles: ['O2', 'O3', 'O4', 'O5', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'nothing is pinned on the way; GUP walks again and pins what is mapped then' },
    bug: {
      apply: ['v8-pin-destination'],
      expect: violates('O4', 'all'),
      because: 'the new page is pinned before the entry maps it, and returned even if nothing ever does',
    },
    'fails-instead': { revert: ['b05a79d4377f'], expect: holds, because: 'before 6.0 such a pin just failed' },
  },
})
