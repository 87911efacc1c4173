import { dma_buf_attach, dma_buf_detach, exporter_move, holds, importer_store, race, reach, violates } from 'mmrace'

export default race({
  name: 'dma-buf-pin-vs-move',
  title: 'an importer that cannot be told of moves pins the buffer',
  seed: 'S4',
  references: ['drivers/dma-buf/dma-buf.c:dma_buf_dynamic_attach', 'drivers/dma-buf/dma-buf.c:dma_buf_pin'],
  setup: (k) => {
    const dmabuf = k.dmaBuf()
    return { dmabuf, attach: dmabuf.attach(), to: k.driverPage() }
  },
  cpus: {
    importer: function* ({ attach }) {
      yield* dma_buf_attach(attach)
      if (yield* importer_store(attach, 1)) yield* reach('written')
      yield* dma_buf_detach(attach)
    },
    exporter: function* ({ dmabuf, to }) {
      yield* reach((yield* exporter_move(dmabuf, to)) ? 'refused' : 'moved')
    },
  },
  sometimes: ['written', 'moved', 'refused'],
  variants: {
    fixed: { expect: holds, because: 'the pin count changes under the reservation, with which the exporter moves' },
    'ignores-pins': {
      apply: ['mutant-move-ignores-pins'],
      never: ['refused'],
      expect: violates('O2', 'all'),
      because: 'no move_notify() takes the mapping away, no fence stands for the work',
    },
    unlocked: {
      apply: ['mutant-dma-buf-pin-unlocked'],
      expect: violates('O2', 'all'),
      because: 'the pin comes after the exporter has looked for pins, and what is mapped is the old memory',
    },
  },
})
