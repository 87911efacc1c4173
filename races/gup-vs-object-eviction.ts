import { holds, race, violates } from 'mmrace'
import { gupVsEviction } from './scenes/gup-vs-eviction.js'
import { withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'gup-vs-object-eviction',
  title: 'does VM_MIXEDMAP keep GUP from the pages of a driver on all architectures?',
  seed: 'S0',
  bug: 'G2',
  question: 'Q5',
  references: ['f91142c62161 drm/ttm: nuke VM_MIXEDMAP on BO mappings'],
  ...gupVsEviction(false),
  variants: {
    fixed: { expect: holds, because: 'GUP-slow refuses VM_PFNMAP, and GUP-fast needs entries without the special bit' },
    'vm-io-helps': {
      revert: ['f91142c62161'], expect: holds,
      because: 'GUP-slow refuses VM_IO as well, which TTM sets; GUP-fast takes no small entries where there is no special bit',
    },
    bug: {
      revert: ['f91142c62161'], apply: ['driver-without-vm-io'],
      expect: violates('O2', ['generic-no-special']),
      because: 'without a special bit vmf_insert_mixed() makes a counted mapping like that of any page',
    },
    'not-special': {
      apply: ['mutant-pfn-not-special'], expect: violates('O9', [...withFastGupSince612, 'generic-no-fast-gup']),
      because: 'the entry is taken for a counted one, by unmapping and by GUP-fast',
    },
    'pfnmap-alone': { apply: ['driver-without-vm-io'], expect: holds, because: 'VM_PFNMAP is enough, with or without a special bit' },
  },
})
