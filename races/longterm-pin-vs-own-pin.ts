import { holds, race, user_write } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'

export default race({
  name: 'longterm-pin-vs-own-pin',
  title: 'does a migration fail because of the pin of the one who wants it?',
  seed: 'S2',
  question: 'Q15',
  asked: 'Migration will fail if the page is pinned, so convert the pin on the source page to a normal reference.',
  answer: `Yes. With the pin kept, the migration counts more references than it can explain, and puts everything back, every
time: long-term pins of such memory fail with -EBUSY as they did before 6.0, and no run gets one.`,
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('user', ({ mm }) => user_write(mm, 0, 2), 'written'),
  variants: {
    fixed: { expect: holds, because: 'the pin has become a reference, which the migration knows of' },
    'pin-kept': { apply: ['mutant-own-pin-kept'], expect: holds, never: ['pinned'], because: 'never pinned: -EBUSY' },
    'fails-instead': { revert: ['b05a79d4377f'], expect: holds, never: ['pinned'], because: 'never pinned: -EBUSY' },
  },
})
