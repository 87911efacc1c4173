import { holds, MADV, pagefault_real_mr, race, rdma_write, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'odp-prefetch-vs-fold',
  title: 'RDMA on demand: a prefetch sees nothing for a moment, and the callback believes it',
  seed: 'S4',
  references: [
    'drivers/infiniband/hw/mlx5/odp.c:mlx5_ib_invalidate_range of 7.3: entries with HMM_PFN_VALID only',
    'drivers/infiniband/hw/mlx5/odp.c:populate_mtt of 7.3: what is not valid is skipped', 'arch/arm64/mm/contpte.c:contpte_convert',
  ],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const odp = k.umemOdp(mm)
    k.call(pagefault_real_mr(odp, true))
    return { mm, odp }
  },
  cpus: {
    prefetch: function* ({ odp }) {
      yield* pagefault_real_mr(odp, false)
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
    device: function* ({ odp }) {
      if (yield* rdma_write(odp, 2)) yield* reach('written')
    },
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: { revert: ['odp-hmm-dma'], apply: ['hmm-sees-transient-none'], expect: holds, because: 'the list of what is mapped for DMA is not what the walk writes to' },
    bug: {
      apply: ['odp-hmm-dma', 'hmm-sees-transient-none'],
      expect: violates('O11', 'all'),
      because: 'an entry that is not valid and is mapped for DMA is passed over: device and IOMMU keep the page that is freed',
    },
    'merged-under-lock': {
      apply: ['odp-hmm-dma', 'odp-merges-under-lock', 'hmm-sees-transient-none'],
      expect: violates('O11', 'all'),
      because: 'a lock around the list does not make what was seen true',
    },
    'no-folding': { apply: ['odp-hmm-dma', 'odp-merges-under-lock'], expect: holds, because: 'where no entry is none for a moment the sequence is enough' },
  },
})
