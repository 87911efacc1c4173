import { holds, race, violates } from 'mmrace'
import { deviceDaxUnbindVsPin } from './scenes/device-dax-unbind-vs-pin.js'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'device-dax-unbind-vs-pin',
  title: 'a device-dax device goes away while its memory is pinned',
  seed: 'S0',
  references: ['mm/memremap.c:memunmap_pages', '27674ef6c73f mm: remove the extra ZONE_DEVICE struct page refcount'],
  ...deviceDaxUnbindVsPin(1),
  variants: {
    fixed: { apply: ['pgmap-waits-for-pages'], expect: holds, because: 'a page that is held keeps the pagemap, as in 5.17' },
    bug: {
      expect: violates('O16', 'all'),
      because: 'in 6.1 the pagemap waits for those who look a page up, not for those who hold one',
    },
    'no-grace-period': {
      apply: ['pgmap-waits-for-pages', 'mutant-kill-without-grace-period'],
      expect: violates('O16', deviceMemoryWithoutIpi),
      because: 'GUP-fast has seen the pagemap alive, and counts its reference when that is of no use any more',
    },
  },
})
