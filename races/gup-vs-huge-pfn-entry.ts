import { byKernel, holds, race, violates } from 'mmrace'
import { gupVsEviction } from './scenes/gup-vs-eviction.js'
import { withFastGup, withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'gup-vs-huge-pfn-entry',
  title: 'a driver maps its memory by a huge entry, which has no special bit',
  seed: 'S0',
  bug: 'G2',
  references: ['0d979509539e drm/ttm: remove ttm_bo_vm_insert_huge()'],
  ...gupVsEviction(true),
  variants: {
    fixed: { expect: holds, because: 'small entries have a special bit, or GUP-fast does not take them' },
    bug: {
      revert: ['0d979509539e'],
      expect: byKernel({ '6.1': violates('O2', [...withFastGup, 'generic-no-special']), '6.12': violates('O2', [...withFastGupSince612, 'generic-no-special']) }),
      because: 'GUP-fast, which never sees the VMA, takes it for any huge page',
    },
  },
})
