import { load, type Steps, store } from '../../../engine/model/step.js'
import { bug } from '../../bug.js'
import type { MmuNotifierRange } from '../../include/mmu_notifier.js'
import { has, kernel } from '../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { HMM_PFN_VALID, hmm_pfn_to_pfn } from '../../mm/hmm.js'
import { mmu_interval_set_seq } from '../../mm/mmu_interval_notifier.js'
import { set_page_dirty } from '../../mm/page-writeback/set_page_dirty.js'
import { kfree } from '../allocation.js'
import { dma_unmap_sgtable } from '../userptr/dma_map.js'
import { HMM_PFN_DMA_MAPPED, is_writable_hmm_pfn } from './ib_umem_odp_map_dma.js'
import type { IbUmemOdp } from './umem_odp.js'

const lock = (odp: IbUmemOdp): Steps => mutex_lock(odp.umem_mutex, 'mutex_lock(&umem_odp->umem_mutex)')
const unlock = (odp: IbUmemOdp): Steps => mutex_unlock(odp.umem_mutex, 'mutex_unlock(&umem_odp->umem_mutex)')

/** Whether the device may have an entry: since 7.3 the list says so that walks write to without the lock. */
function* is_mapped(odp: IbUmemOdp, entry: number): Steps<boolean> {
  return has('odp-hmm-dma') ? (entry & HMM_PFN_VALID) !== 0 : (yield* load(odp.dma_list, { label: 'dma_list[0]' })) !== 0
}

function* unlink(odp: IbUmemOdp, entry: number): Steps {
  if (has('odp-hmm-dma') && !(entry & HMM_PFN_DMA_MAPPED)) return
  if (!(yield* load(odp.iommu_pte, { label: 'dma_iova_unlink()' }))) return yield* bug('dma_iova_unlink() of what is not linked')
  yield* dma_unmap_sgtable(odp)
  if (is_writable_hmm_pfn(entry)) yield* set_page_dirty(kernel().page(hmm_pfn_to_pfn(entry)))
}

/** drivers/infiniband/core/umem_odp.c:ib_umem_odp_unmap_dma_pages, under umem_mutex. */
export function* ib_umem_odp_unmap_dma_pages(odp: IbUmemOdp, entry: number): Steps {
  yield* unlink(odp, entry)
  if (!has('odp-hmm-dma')) yield* store(odp.dma_list, 0, { label: 'dma_list[0] = 0' })
  yield* store(odp.pfn_list, 0, { label: 'pfn_list[0] &= ~HMM_PFN_FLAGS' })
}

/** drivers/infiniband/hw/mlx5/odp.c:mlx5_ib_invalidate_range: the device's entries first, which is waited for; then the IOMMU's. */
export function* mlx5_ib_invalidate_range(odp: IbUmemOdp, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.blockable === false) return false
  yield* lock(odp)
  yield* mmu_interval_set_seq(odp.notifier, cur_seq)
  const entry = yield* load(odp.pfn_list, { label: 'pfn_list[0]' })
  if ((yield* load(odp.private, { label: 'umem_odp->private' })) && (yield* is_mapped(odp, entry))) {
    yield* store(odp.mkey.xlt, 0, { label: 'mlx5r_umr_update_xlt(ZAP)' })
    yield* store(odp.mtt, 0, { label: 'mtt[0] = 0' })
    yield* ib_umem_odp_unmap_dma_pages(odp, entry)
  }
  yield* unlock(odp)
  return true
}

/** drivers/infiniband/hw/mlx5/mr.c:mlx5_umr_revoke_mr_with_lock: the device forgets the key, which nobody may use from then on. */
export function* mlx5_revoke_mr(odp: IbUmemOdp): Steps {
  const locked = has('odp-revoke-under-lock')
  if (locked) yield* lock(odp)
  yield* store(odp.mtt, 0, { label: 'mlx5r_umr_revoke_mr(mr)' })
  yield* kfree(odp.mkey)
  if (locked && !has('mutant-odp-stays-private')) yield* store(odp.private, 0, { label: 'umem_odp->private = NULL' })
  if (locked) yield* unlock(odp)
}
