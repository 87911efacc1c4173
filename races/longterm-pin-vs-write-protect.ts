import { holds, race, userfaultfd_writeprotect, violates } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'
import { withUffdWp } from './scenes/profiles.js'

export default race({
  name: 'longterm-pin-vs-write-protect',
  title: 'while the page moves to RAM to be pinned for writing, a monitor write-protects it (UFFDIO_WRITEPROTECT)',
  seed: 'S2',
  bug: 'F1',
  question: 'Q12',
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('monitor', ({ mm }) => userfaultfd_writeprotect(mm, 0, 1, true), 'protected'),
  variants: {
    fixed: { expect: holds, because: 'GUP walks again, finds the entry write-protected, and fails: a long-term pin cannot wait for a monitor' },
    bug: {
      apply: ['v8-pin-destination'],
      expect: violates('O4', withUffdWp),
      because: 'the entry comes back read-only, and the page it maps is pinned for writing',
    },
  },
})
