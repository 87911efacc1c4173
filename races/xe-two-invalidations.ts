import { byKernel, holds, MADV, race, reach, type Steps, sys_madvise, violates, xe_gpu_store, type XeUserptrVma } from 'mmrace'

function* gpu(vma: XeUserptrVma): Steps {
  for (const address of [1, 0]) if (yield* xe_gpu_store(vma, address, 2)) yield* reach('written')
}

export default race({
  name: 'xe-two-invalidations',
  title: 'two parts of a userptr are invalidated at once, in two passes each: is the GPU done with both?',
  seed: 'S4',
  question: 'Q21',
  references: [
    'drivers/gpu/drm/xe/xe_userptr.c:xe_vma_userptr_do_inval of 7.3', 'drivers/gpu/drm/xe/xe_pt.c:xe_pt_zap_ptes: pt_mask',
    'drivers/gpu/drm/xe/xe_tlb_inval.c:xe_tlb_inval_range_tilemask_submit: no fences for an empty mask',
  ],
  geometry: { fences: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1] })
    const vma = k.xeFaultVma(mm, 2)
    for (const address of [0, 1]) k.call(xe_gpu_store(vma, address, 1))
    return { mm, vma }
  },
  cpus: {
    'madvise 0': function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('first gone')
    },
    'madvise 1': function* ({ mm }) {
      yield* sys_madvise(mm, 1, 1, MADV.DONTNEED)
      yield* reach('second gone')
    },
    GPU: ({ vma }) => gpu(vma),
  },
  sometimes: ['written', 'first gone', 'second gone'],
  variants: {
    fixed: {
      apply: ['iommu-passthrough'],
      expect: byKernel({ '6.1': holds, '7.3': violates('O11', 'all') }),
      because: 'until 7.3 the lock is held until the GPU has flushed',
    },
    bug: {
      apply: ['xe-two-pass', 'iommu-passthrough'],
      expect: violates('O11', 'all'),
      because: 'the second finds the tables empty and nothing to flush, and returns while the flush of the first is on its way',
    },
    translated: {
      apply: ['xe-two-pass'],
      expect: holds,
      because: 'an IOMMU that translates has been told to forget the memory, by either',
    },
    'waits-too': {
      apply: ['xe-two-pass', 'iommu-passthrough', 'xe-waits-for-batch-in-flight'],
      expect: holds,
      because: 'the second waits for what the first has submitted',
    },
    'nobody-waits': {
      apply: ['xe-two-pass', 'iommu-passthrough', 'xe-waits-for-batch-in-flight', 'mutant-xe-finish-does-not-wait'],
      expect: violates('O11', 'all'),
      because: 'the first returns with its own flush on its way',
    },
  },
})
