import { holds, MADV, race, sys_madvise, violates } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'

export default race({
  name: 'longterm-pin-to-reference',
  title: 'a pin becomes a reference, so that the page can be moved: may that be, when the memory is given back?',
  seed: 'S2',
  question: 'Q15',
  asked: 'Migration will fail if the page is pinned, so convert the pin on the source page to a normal reference.',
  answer: `It is safe, since the caller gives this pin up anyway: nobody relies on it any more, and the reference keeps the
page from being freed. The reference has to come first: the pin may be the last thing that holds the page, when the memory
is given back meanwhile.`,
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('madvise', ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED), 'unmapped'),
  variants: {
    fixed: { expect: holds, because: 'the reference is taken, then the pin given back' },
    bug: {
      apply: ['mutant-unpin-before-get'],
      expect: violates('O2', 'all'),
      because: 'in between the driver gets its page back, and gives it to others',
    },
  },
})
