import { dma_fence_alloc, dma_fence_signal, dma_resv_add_fence, DMA_RESV_USAGE, dma_resv_wait_timeout, holds, race, reach, violates } from 'mmrace'

export default race({
  name: 'fence-wait-vs-signal',
  title: 'a fence is signalled while somebody begins to wait for it',
  seed: 'S4',
  references: ['drivers/dma-buf/dma-fence.c:dma_fence_default_wait', 'CVE-2025-38095: the order of a slot and of the number of slots'],
  litmus: ['dma-resv-count-vs-slot'],
  geometry: { fences: 1 },
  setup: (k) => {
    const resv = k.reservation('bo')
    const fence = k.call(dma_fence_alloc())
    k.call(dma_resv_add_fence(resv, fence, DMA_RESV_USAGE.BOOKKEEP))
    return { resv, fence }
  },
  cpus: {
    notifier: function* ({ resv }) {
      yield* dma_resv_wait_timeout(resv, DMA_RESV_USAGE.BOOKKEEP)
      yield* reach('idle')
    },
    device: function* ({ fence }) {
      yield* dma_fence_signal(fence)
    },
  },
  sometimes: ['idle'],
  variants: {
    fixed: { expect: holds, because: 'the flag is tested and the callback added under the lock that the one who signals takes' },
    unlocked: {
      apply: ['mutant-fence-callback-unlocked'],
      expect: violates('deadlock', 'all'),
      because: 'a wake-up between the test and the list finds nobody to wake',
    },
  },
})
