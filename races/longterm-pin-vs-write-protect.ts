import { byKernel, holds, race, userfaultfd_writeprotect, violates } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'
import { withUffdWp } from './scenes/profiles.js'

/** HAVE_ARCH_USERFAULTFD_WP of 6.12 and later. */
const MONITORED = [...withUffdWp, 'arm64', 'arm64-sw-dirty', 'riscv64-svrsw60t59b']

export default race({
  name: 'longterm-pin-vs-write-protect',
  title: 'while the page moves to RAM to be pinned for writing, a monitor write-protects it (UFFDIO_WRITEPROTECT)',
  seed: 'S2',
  bug: 'F1',
  question: 'Q12',
  asked: `For example, I wonder if something nasty could happen if the PTE got mapped R/O in the meantime
and you're pinning R/W here ...`,
  answer: `Yes: UFFDIO_WRITEPROTECT holds the mmap_lock for reading, as GUP does, and takes the write permission of the
migration entry, so that the PTE comes back read-only, under a page that v8 of the patch has pinned for writing.
Who holds the pin writes to memory that the monitor believes to be frozen.
The merged patch walks again: that walk finds the PTE write-protected, and the pin fails.`,
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('monitor', ({ mm }) => userfaultfd_writeprotect(mm, 0, 1, true), 'protected'),
  variants: {
    fixed: {
      expect: byKernel({ '6.1': holds, '6.12': violates('deadlock', MONITORED) }),
      because: 'GUP walks again, finds the entry write-protected, and fails: it cannot wait. Since 6.3 it can, for a monitor who here never answers',
    },
    bug: {
      apply: ['v8-pin-destination'],
      expect: byKernel({ '6.1': violates('O4', withUffdWp), '6.12': violates('O4', MONITORED) }),
      because: 'the entry comes back read-only, and the page it maps is pinned for writing',
    },
  },
})
