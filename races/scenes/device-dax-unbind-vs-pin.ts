import { dev_dax_unbind, dma_write, FOLL_WRITE, pin_user_pages_fast, reach, scene, unpin_user_page, user_write } from 'mmrace'

/** A device-dax device, mapped by entries of so many pages, goes away while its memory is pinned. */
export const deviceDaxUnbindVsPin = (pages: number) => scene({
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: pages, pages: 0, deviceDax: pages, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const dev_dax = k.devDax(pages)
    k.mapDax(mm, dev_dax, pages)
    k.call(user_write(mm, 0, 0))
    return { mm, dev_dax }
  },
  cpus: {
    unbind: function* ({ dev_dax }) {
      yield* dev_dax_unbind(dev_dax)
      yield* reach('unbound')
    },
    gup: function* ({ mm }) {
      const held = yield* pin_user_pages_fast(mm, 0, pages, FOLL_WRITE)
      if (held.length === 0) return yield* reach('not pinned')
      yield* reach('pinned')
      for (const page of held) {
        yield* dma_write(page, 1)
        yield* unpin_user_page(page)
      }
    },
  },
  sometimes: ['unbound', 'not pinned', 'pinned'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O13', 'O16'],
})
