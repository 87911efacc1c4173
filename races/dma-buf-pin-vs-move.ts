import {
  dma_buf_attach, dma_buf_detach, dma_buf_map_attachment_unlocked, dma_buf_unmap_attachment_unlocked, exporter_move, holds, importer_store,
  race, reach, violates,
} from 'mmrace'

export default race({
  name: 'dma-buf-pin-vs-move',
  title: 'an importer that cannot be told of moves pins the buffer',
  seed: 'S4',
  references: ['drivers/dma-buf/dma-buf.c:dma_buf_dynamic_attach', 'drivers/dma-buf/dma-buf.c:dma_buf_pin_on_map', 'drivers/dma-buf/dma-buf.c:dma_buf_pin'],
  setup: (k) => {
    const dmabuf = k.dmaBuf()
    return { dmabuf, attach: dmabuf.attach('static'), to: k.driverPage() }
  },
  cpus: {
    importer: function* ({ attach }) {
      yield* dma_buf_attach(attach)
      yield* dma_buf_map_attachment_unlocked(attach)
      if (yield* importer_store(attach, 1)) yield* reach('written')
      yield* dma_buf_unmap_attachment_unlocked(attach)
      yield* dma_buf_detach(attach)
    },
    exporter: function* ({ dmabuf, to }) {
      yield* reach((yield* exporter_move(dmabuf, to)) ? 'refused' : 'moved')
    },
  },
  sometimes: ['written', 'moved', 'refused'],
  variants: {
    fixed: { revert: ['pin-on-map'], expect: holds, because: 'the pin count changes under the reservation, with which the exporter moves' },
    '7.3': { apply: ['pin-on-map'], expect: holds, because: 'it is pinned from its mapping to its unmapping, not from attach to detach' },
    '7.3-unlocked': {
      apply: ['pin-on-map', 'mutant-dma-buf-pin-unlocked'],
      expect: violates('O2', 'all'),
      because: 'the pin comes after the exporter has looked for pins, and what is mapped is the old memory',
    },
    'ignores-pins': {
      revert: ['pin-on-map'],
      apply: ['mutant-move-ignores-pins'],
      never: ['refused'],
      expect: violates('O2', 'all'),
      because: 'no move_notify() takes the mapping away, no fence stands for the work',
    },
    unlocked: {
      revert: ['pin-on-map'],
      apply: ['mutant-dma-buf-pin-unlocked'],
      expect: violates('O2', 'all'),
      because: 'the pin comes after the exporter has looked for pins, and what is mapped is the old memory',
    },
  },
})
