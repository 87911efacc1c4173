import { byKernel, holds, MADV, mlx5_revoke_mr, pagefault_real_mr, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'odp-dereg-vs-invalidate',
  title: 'RDMA on demand: a memory region goes while an invalidation is about to use its key',
  seed: 'S4',
  references: ['CVE-2025-21732', 'drivers/infiniband/hw/mlx5/mr.c:mlx5_umr_revoke_mr_with_lock of 7.3; mlx5_ib_dereg_mr of 6.1 takes no lock'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const odp = k.umemOdp(mm)
    k.call(pagefault_real_mr(odp, true))
    return { mm, odp }
  },
  cpus: {
    dereg: function* ({ odp }) {
      yield* mlx5_revoke_mr(odp)
      yield* reach('revoked')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['revoked', 'unmapped'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': violates('O2', 'all'), '6.12': holds }),
      because: 'in 6.12 either the invalidation is over when the key goes, or it finds no region',
    },
    bug: { revert: ['odp-revoke-under-lock'], expect: violates('O2', 'all'), because: 'the callback has found the region, and updates a key that the device has freed' },
    'under-lock': { apply: ['odp-revoke-under-lock'], expect: holds, because: 'umem_mutex is held while the key goes and the region is taken from the umem' },
    'stays-private': {
      apply: ['odp-revoke-under-lock', 'mutant-odp-stays-private'],
      expect: violates('O2', 'all'),
      because: 'the callback that comes after the lock finds the region as before',
    },
  },
})
