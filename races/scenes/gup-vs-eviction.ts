import {
  dma_write, FOLL_WRITE, pin_user_pages_fast, reach, scene, type Setup, ttm_bo_evict, unpin_user_page, user_write,
} from 'mmrace'

/** A device pins memory of an object that a program maps, and writes to it, while the object is evicted. */
export const gupVsEviction = (huge: boolean) => scene({
  geometry: { files: 1, ...(huge ? { pages: 1, hugePages: 2, tables: 1 } : { pages: 2 }) },
  setup: (k) => {
    const memory = (setup: Setup) => (huge ? setup.driverHugePage() : setup.driverPage())
    const mm = k.mm()
    const bo = k.bufferObject(memory(k))
    k.mapObject(mm, bo, huge ? 2 : 1)
    k.write(mm, 0, 0)
    return { mm, bo, to: memory(k) }
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
})
