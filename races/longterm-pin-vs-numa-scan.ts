import { holds, race, task_numa_work, violates } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'
import { withNumaBalancing } from './scenes/profiles.js'

export default race({
  name: 'longterm-pin-vs-numa-scan',
  title: 'while the page moves to RAM to be pinned for writing, the NUMA scanner comes to its migration entry',
  seed: 'S2',
  bug: 'F1',
  question: 'Q12',
  asked: `For example, I wonder if something nasty could happen if the PTE got mapped R/O in the meantime
and you're pinning R/W here ...`,
  answer: `The NUMA scanner maps it read-only as well, without anybody asking: it spares device memory, shared pages and KSM,
but not migration entries, which it cannot look behind. Fork and mprotect need the mmap_lock for writing, and wait until
GUP is done. The second walk of the merged patch takes a write fault first, and pins a page that is writable.`,
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('numa', ({ mm }) => task_numa_work(mm), 'scanned'),
  variants: {
    fixed: { expect: holds, because: 'GUP walks again, and its write fault makes the entry writable before it pins' },
    bug: {
      apply: ['v8-pin-destination'],
      expect: violates('O4', withNumaBalancing),
      because: 'the scanner leaves device memory alone, but takes the write permission of every migration entry',
    },
  },
})
