import { holds, race, violates } from 'mmrace'
import { deviceDaxUnbindVsPin } from './scenes/device-dax-unbind-vs-pin.js'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'device-dax-unbind-vs-huge-pin',
  title: 'a device-dax device goes away while GUP takes the pages of a huge entry, one by one',
  seed: 'S0',
  references: ['mm/gup.c:__gup_device_huge', 'mm/gup.c:undo_dev_pagemap'],
  ...deviceDaxUnbindVsPin(2),
  variants: {
    fixed: { apply: ['pgmap-waits-for-pages'], expect: holds, because: 'a page that is held keeps the pagemap, as in 5.17' },
    bug: {
      expect: violates('O16', 'all'),
      because: 'in 6.1 the pagemap waits for those who look a page up, not for those who hold one',
    },
    'no-recheck': {
      apply: ['pgmap-waits-for-pages', 'mutant-no-pmd-recheck'],
      expect: holds,
      because: 'a page of the device is never another one\'s, and who takes the memory down waits for it all the same',
    },
    'no-grace-period': {
      apply: ['pgmap-waits-for-pages', 'mutant-kill-without-grace-period'],
      expect: violates('O16', deviceMemoryWithoutIpi),
      because: 'GUP-fast has seen the pagemap alive, and counts its reference when that is of no use any more',
    },
  },
})
