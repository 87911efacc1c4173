import { holds, race, reach, sys_mprotect, user_write, violates, VM_READ, wp_shared_mapping_range } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'write-protect-range-vs-mprotect',
  title: 'a driver write-protects the mappings of its file; mprotect() has changed the entry already, and not yet flushed',
  seed: 'S3',
  question: 'Q20',
  answer: `No: an entry that needs no change can still be in a TLB as it was. Who finds that another flush of the address space is
pending flushes all of its range.`,
  references: ['mm/mapping_dirty_helpers.c:wp_clean_post_vma'],
  tlb: true,
  geometry: { files: 1, filePages: 1 },
  setup: (k) => {
    const mm = k.mm()
    return { mm, ...k.shared(mm, { pages: 1 }) }
  },
  cpus: {
    driver: function* ({ file }) {
      if (!(yield* wp_shared_mapping_range(file, 0, 1))) yield* reach('nothing to protect')
    },
    mprotect: function* ({ mm }) {
      yield* sys_mprotect(mm, 0, 1, VM_READ)
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['nothing to protect', 'written'],
  oracles: ['O1', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'while another flush of the address space is pending, everything is flushed' },
    'not-nested': {
      apply: ['mutant-clean-not-nested'],
      expect: violates('O1', deferredFlush),
      because: 'the entry is read-only, and so nothing is flushed; a CPU goes on writing through its TLB',
    },
  },
})
