import { byKernel, holds, MADV, pagefault_real_mr, race, rdma_write, reach, sys_madvise, violates } from 'mmrace'

const NOW = ['odp-hmm-dma', 'odp-revoke-under-lock']

export default race({
  name: 'odp-fault-vs-invalidate',
  title: 'RDMA on demand: a walk writes to the list in which the callback clears what is mapped',
  seed: 'S4',
  question: 'Q21',
  references: [
    'drivers/infiniband/core/umem_odp.c:ib_umem_odp_map_dma_and_lock of 7.3: range.hmm_pfns is the list itself',
    'mm/hmm.c:hmm_vma_handle_pte of 7.3: *hmm_pfn & HMM_PFN_INOUT_FLAGS, with no lock',
  ],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const odp = k.umemOdp(mm)
    k.call(pagefault_real_mr(odp, true))
    return { mm, odp }
  },
  cpus: {
    device: function* ({ odp }) {
      if (!(yield* pagefault_real_mr(odp, true))) return yield* reach('no memory')
      if (yield* rdma_write(odp, 2)) yield* reach('written')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['written', 'unmapped'],
  maybe: ['no memory'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': holds, '7.3': violates('O13', 'all') }),
      because: 'until 7.3 what is mapped for DMA is in a list of its own, which is read and written under umem_mutex',
    },
    bug: {
      apply: NOW,
      expect: violates('O13', 'all'),
      because: 'the walk puts the flag back that the callback has cleared: the device gets an address which nobody has linked',
    },
    'merged-under-lock': { apply: [...NOW, 'odp-merges-under-lock'], expect: holds, because: 'nobody writes to the list without umem_mutex' },
    'merged-unasked': {
      apply: [...NOW, 'odp-merges-under-lock', 'mutant-odp-no-retry'],
      expect: violates('O11', 'all'),
      because: 'what a walk has found before the callback is mapped after it',
    },
  },
})
