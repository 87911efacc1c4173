import { dma_buf_mmap, holds, race, reach, ttm_bo_evict, user_write, violates } from 'mmrace'

export default race({
  name: 'dma-buf-mmap-vs-eviction',
  title: 'the driver that has imported a buffer maps it for user space; does its exporter know?',
  seed: 'S4',
  references: ['drivers/dma-buf/dma-buf.c:dma_buf_mmap', 'drivers/gpu/drm/drm_prime.c:drm_gem_dmabuf_export'],
  tlb: true,
  geometry: { files: 2, pages: 2, tables: 1 },
  setup: (k) => {
    const object = k.bufferObject(k.driverPage())
    return { mm: k.mm(), object, dmabuf: k.dmaBuf(object), to: k.driverPage() }
  },
  cpus: {
    exporter: function* ({ object, to }) {
      yield* ttm_bo_evict(object, to)
      yield* reach('moved')
    },
    user: function* ({ mm, dmabuf }) {
      yield* dma_buf_mmap(dmabuf, mm, 0)
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['moved', 'written'],
  variants: {
    fixed: { expect: holds, because: 'the VMA has the file of the dma-buf, by whose f_mapping the exporter finds all that map its object' },
    'own-mapping': {
      apply: ['mutant-dma-buf-own-mapping'],
      expect: violates('O2', 'all'),
      because: 'the exporter unmaps what its own file has mapped, and the program still reaches the old memory',
    },
    'unlocks-early': {
      apply: ['mutant-fault-unlocks-early'],
      expect: violates('O2', 'all'),
      because: 'a fault through the dma-buf runs the exporter\'s handler, and relies on its reservation as others do',
    },
  },
})
