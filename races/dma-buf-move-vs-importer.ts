import { exporter_move, holds, importer_rogue_command, importer_run, importer_submit, race, reach, violates } from 'mmrace'

export default race({
  name: 'dma-buf-move-vs-importer',
  title: 'may an importer use its sg table after move_notify(), until its fences signal?',
  seed: 'S4',
  question: 'Q26',
  references: ['drivers/dma-buf/dma-buf.c:dma_buf_move_notify', 'dma-buf: add optional invalidate_mappings callback v2 (March 2018)'],
  geometry: { fences: 2 },
  setup: (k) => {
    const dmabuf = k.dmaBuf()
    return { dmabuf, attach: dmabuf.attach(), to: k.driverPage() }
  },
  cpus: {
    importer: function* ({ attach }) {
      yield* importer_run(attach, yield* importer_submit(attach), 1)
      yield* importer_run(attach, yield* importer_submit(attach), 2)
      yield* importer_rogue_command(attach, 3)
    },
    exporter: function* ({ dmabuf, to }) {
      if (!(yield* exporter_move(dmabuf, to))) yield* reach('moved')
    },
  },
  sometimes: ['moved'],
  variants: {
    fixed: { expect: holds, because: 'the exporter has the old memory to itself only when the fences have signalled' },
    'no-wait': {
      apply: ['mutant-exporter-does-not-wait'],
      expect: violates('O2', 'all'),
      because: 'the exporter frees memory that work under way still writes to',
    },
    'keeps-mapping': {
      apply: ['mutant-importer-keeps-mapping'],
      expect: violates('O2', 'all'),
      because: 'work that begins later uses the old memory as well',
    },
    'fences-late': {
      apply: ['mutant-importer-fences-late'],
      expect: violates('O2', 'all'),
      because: 'the exporter finds no fence for work that is about to begin',
    },
    rogue: {
      apply: ['rogue-device'],
      expect: violates('O2', 'all'),
      because: 'the sg table stays until the importer comes back, so that only the device keeps its commands off',
    },
    'pinned-while-mapped': {
      apply: ['rogue-device', 'no-dmabuf-move-notify'],
      expect: holds,
      because: 'without CONFIG_DMABUF_MOVE_NOTIFY what an importer has mapped does not move at all',
    },
    unmaps: {
      apply: ['rogue-device', 'unmap-in-move-notify'],
      expect: holds,
      because: 'an importer that unmaps in the callback, when it is idle, trusts nobody',
    },
  },
})
