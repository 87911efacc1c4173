import { atomic, choose, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import { bug } from '../../bug.js'
import { EBUSY } from '../../include/errno.js'
import { pte_pfn } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { HMM_PFN_VALID, HMM_PFN_WRITE, hmm_pfn_to_pfn, hmm_range_fault } from '../../mm/hmm.js'
import { mmu_interval_read_begin, mmu_interval_read_retry } from '../../mm/mmu_interval_notifier.js'
import { dma_map_sgtable } from '../userptr/dma_map.js'
import type { IbUmemOdp } from './umem_odp.js'

/** include/linux/hmm.h: stays in the array from one walk to the next. */
export const HMM_PFN_DMA_MAPPED = 8

const pfn_list = (odp: IbUmemOdp): Step => load(odp.pfn_list, { label: 'pfn_list[0]' })

/** mm/hmm.c: what a walk writes to an element: what it has found, and what the owner of the array had in it. */
function* walk_writes(odp: IbUmemOdp, found: number): Steps {
  const sticky = has('odp-hmm-dma') ? (yield* pfn_list(odp)) & HMM_PFN_DMA_MAPPED : 0
  yield* store(odp.pfn_list, found | sticky, { label: '*hmm_pfn = inout flags | pfn' })
}

/** One walk, with or without faults. A snapshot sees what is there, which may be nothing for a moment where entries are folded. */
function* walk(odp: IbUmemOdp, seq: number, fault: boolean): Steps<number> {
  const { notifier, mm, address } = odp
  yield* mmap_read_lock(mm)
  const found = yield* hmm_range_fault(mm, { notifier, notifier_seq: seq, start: address, end: address + 1, fault, write: fault, owner: odp })
  const missed = !fault && has('hmm-sees-transient-none') && (yield* choose(2, { label: 'a neighbour is folded' })) === 1
  if (typeof found !== 'number' && !has('odp-merges-under-lock')) yield* walk_writes(odp, missed ? 0 : found[0]! & ~HMM_PFN_DMA_MAPPED)
  yield* mmap_read_unlock(mm)
  return typeof found === 'number' ? found : missed ? 0 : found[0]! & ~HMM_PFN_DMA_MAPPED
}

/**
 * drivers/infiniband/core/umem_odp.c:ib_umem_odp_map_dma_and_lock: returns with umem_mutex held, and with what the CPU maps in the
 * list. False: there is no memory, and no lock.
 */
export function* ib_umem_odp_map_dma_and_lock(odp: IbUmemOdp, fault: boolean): Steps<boolean> {
  for (;;) {
    const seq = yield* mmu_interval_read_begin(odp.notifier, odp.mm)
    const found = yield* walk(odp, seq, fault)
    if (found === -EBUSY) continue
    if (found < 0) return false
    yield* mutex_lock(odp.umem_mutex, 'mutex_lock(&umem_odp->umem_mutex)')
    if (has('mutant-odp-no-retry') || !(yield* mmu_interval_read_retry(odp.notifier, seq))) {
      if (has('odp-merges-under-lock')) yield* walk_writes(odp, found)
      return true
    }
    yield* mutex_unlock(odp.umem_mutex, 'mutex_unlock(&umem_odp->umem_mutex)')
  }
}

/** mm/hmm.c:hmm_dma_map_pfn of 7.3: what is mapped has its address, by its place in the list; and ib_umem_odp.c:ib_umem_odp_map_dma_single_page before. */
export function* hmm_dma_map_pfn(odp: IbUmemOdp, entry: number): Steps {
  const now = has('odp-hmm-dma')
  const mapped = now ? entry & HMM_PFN_DMA_MAPPED : yield* load(odp.dma_list, { label: 'dma_list[0]' })
  if (mapped) return
  if (yield* load(odp.iommu_pte, { label: 'dma_iova_link()' })) return yield* bug('dma_iova_link() of what is linked')
  yield* dma_map_sgtable(odp, kernel().page(hmm_pfn_to_pfn(entry)))
  if (now) yield* store(odp.pfn_list, entry | HMM_PFN_DMA_MAPPED, { label: 'pfns[idx] |= HMM_PFN_DMA_MAPPED' })
  else yield* store(odp.dma_list, 1, { label: 'dma_list[0] = dma_addr' })
}

/** drivers/infiniband/hw/mlx5/odp.c:populate_mtt: entries that are not valid are left as they are. */
function* populate_mtt(odp: IbUmemOdp): Steps {
  const entry = yield* pfn_list(odp)
  if (!(entry & HMM_PFN_VALID)) return
  yield* hmm_dma_map_pfn(odp, entry)
  yield* store(odp.mkey.xlt, 1, { label: 'mlx5r_umr_update_xlt(mr)' })
  yield* store(odp.mtt, 1, { label: 'mtt[0] = dma_addr' })
}

/** drivers/infiniband/hw/mlx5/odp.c:pagefault_real_mr: a fault of the device, or a prefetch that only takes what is there. False: no memory. */
export function* pagefault_real_mr(odp: IbUmemOdp, fault: boolean): Steps<boolean> {
  if (!(yield* ib_umem_odp_map_dma_and_lock(odp, fault))) return false
  yield* populate_mtt(odp)
  yield* mutex_unlock(odp.umem_mutex, 'mutex_unlock(&umem_odp->umem_mutex)')
  return true
}

/** A write of the device by its table. False: it has no entry, and would fault. */
export function* rdma_write(odp: IbUmemOdp, value: number): Steps<boolean> {
  const done = yield* atomic<boolean | 'unlinked'>(`device: ST = ${value}`, (m) => {
    if (m.get(odp.mtt) === 0) return false
    const word = m.get(odp.iommu_pte)
    if (word === 0) return 'unlinked'
    const page = kernel().page(pte_pfn(word))
    m.set(page.content, value)
    for (const observer of kernel().observers) observer.deviceWrites?.(m, page, value, odp.mm, odp.address)
    return true
  })
  if (done === 'unlinked') yield* bug('DMA error: the device has an address that the IOMMU does not know')
  return done === true
}

/** What HMM says of a page that may be written to. */
export const is_writable_hmm_pfn = (entry: number): boolean => (entry & HMM_PFN_WRITE) !== 0
