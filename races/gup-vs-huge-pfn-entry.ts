import {
  dma_write, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, ttm_bo_evict, unpin_user_page, user_write, violates,
} from 'mmrace'
import { withFastGup } from './scenes/profiles.js'

export default race({
  name: 'gup-vs-huge-pfn-entry',
  title: 'a driver maps its memory by a huge entry, which has no special bit',
  seed: 'S0',
  bug: 'G2',
  references: ['0d979509539e drm/ttm: remove ttm_bo_vm_insert_huge()'],
  geometry: { files: 1, pages: 1, hugePages: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverHugePage())
    k.mapObject(mm, bo, 2)
    k.write(mm, 0, 0)
    return { mm, bo, to: k.driverHugePage() }
  },
  cpus: {
    driver: function* ({ bo, to }) {
      yield* ttm_bo_evict(bo, to)
      yield* reach('evicted')
    },
    gup: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('refused')
      yield* dma_write(page, 2)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['evicted', 'refused'],
  oracles: ['O2', 'O4', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'small entries have a special bit, or GUP-fast does not take them' },
    bug: {
      revert: ['0d979509539e'],
      expect: violates('O2', [...withFastGup, 'generic-no-special']),
      because: 'GUP-fast, which never sees the VMA, takes it for any huge page',
    },
  },
})
