import { holds, MADV, race, sys_madvise, violates } from 'mmrace'
import { longtermPin } from './scenes/longterm-pin.js'

export default race({
  name: 'longterm-pin-of-device-page',
  title: 'a long-term pin moves a device-coherent page to RAM, and its entry goes away meanwhile',
  seed: 'S2',
  bug: 'F1',
  question: 'Q12',
  asked: `Hm, this means that we are not pinning via the PTE at hand,
but via something we expect migration to put into the PTE.`,
  answer: `With v8 of the patch the new page is pinned and returned even if the migration never puts it into the PTE:
MADV_DONTNEED, which needs the mmap_lock for reading like GUP, takes the migration entry away, and pin and memory have
nothing to do with each other from the start. What was merged pins nothing on the way and walks again, which finds what is
mapped then. On the error paths each reference is given back exactly once.`,
  references: ['b05a79d4377f mm/gup: migrate device coherent pages when pinning instead of failing'],
  ...longtermPin('madvise', ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED), 'unmapped'),
  variants: {
    fixed: { expect: holds, because: 'nothing is pinned on the way; GUP walks again and pins what is mapped then' },
    bug: {
      apply: ['v8-pin-destination'],
      expect: violates('O4', 'all'),
      because: 'the new page is pinned before the entry maps it, and returned even if nothing ever does',
    },
    'fails-instead': { revert: ['b05a79d4377f'], expect: holds, because: 'before 6.0 such a pin just failed' },
    // What each of these does to a count on the error paths is found.
    'reference-kept': { apply: ['mutant-unmap-keeps-reference'], expect: violates('O9', 'all') },
    'put-twice': { apply: ['mutant-coherent-puts-again'], expect: violates('O9', 'all') },
    'unpinned-twice': { apply: ['mutant-longterm-unpins-moved'], expect: violates('O9', 'all') },
  },
})
