import { load, type Steps } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { FAULT_FLAG_WRITE, fault_flag_allow_retry_first, VM_FAULT_FALLBACK, VM_FAULT_RETRY, type VmFault } from '../../include/fault.js'
import { PG_head } from '../../include/page_flags.js'
import { VM_MIXEDMAP } from '../../include/vm_flags.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { applied, kernel } from '../../kernel.js'
import { mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vmf_insert_pfn_pmd } from '../../mm/huge_memory/vmf_insert_pfn_pmd.js'
import { vmf_insert_pfn_prot } from '../../mm/memory/insert_pfn.js'
import { vmf_insert_mixed } from '../../mm/memory/vmf_insert_mixed.js'
import { pte_index } from '../../mm/pgtable.js'
import {
  dma_resv_lock_single, dma_resv_test_signaled, dma_resv_trylock, dma_resv_unlock, dma_resv_wait_timeout,
} from '../dma_buf/dma_resv.js'
import type { TtmBufferObject } from './ttm_bo.js'

/**
 * drivers/gpu/drm/ttm/ttm_bo_vm.c:ttm_bo_vm_reserve. A fault has the mmap_lock already, others take that with the
 * reservation held: so the reservation is only tried, and waited for without the mmap_lock. Tried again, a fault has to wait
 * for it. 0: reserved.
 */
export function* ttm_bo_vm_reserve(bo: TtmBufferObject, vmf: VmFault): Steps<number> {
  if (yield* dma_resv_trylock(bo.resv)) return 0
  if (!fault_flag_allow_retry_first(vmf.flags)) {
    yield* dma_resv_lock_single(bo.resv)
    return 0
  }
  yield* mmap_read_unlock(vmf.mm)
  yield* dma_resv_lock_single(bo.resv)
  yield* dma_resv_unlock(bo.resv)
  return VM_FAULT_RETRY
}

/** ttm_bo_vm_fault_idle: waits for moves that are under way. VM_FAULT_RETRY: without the locks, which are dropped. */
function* ttm_bo_vm_fault_idle(bo: TtmBufferObject, vmf: VmFault): Steps<number> {
  if (applied('mutant-fault-ignores-moves') || (yield* dma_resv_test_signaled(bo.resv, DMA_RESV_USAGE.KERNEL))) return 0
  const retry = fault_flag_allow_retry_first(vmf.flags)
  if (retry) yield* mmap_read_unlock(vmf.mm)
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.KERNEL)
  if (!retry) return 0
  yield* dma_resv_unlock(bo.resv)
  return VM_FAULT_RETRY
}

/** The entry: of a PFN mapping; until 5.14 mappings were MIXEDMAP. */
function* insert(vmf: VmFault, pfn: number, prot: number | undefined): Steps<number> {
  const flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
  return flags & VM_MIXEDMAP ? yield* vmf_insert_mixed(vmf.vma, vmf.address, pfn) : yield* vmf_insert_pfn_prot(vmf.vma, vmf.address, pfn, prot)
}

/** What kind of entry: one of TTM's huge ones, which 5.16 took out again; or a small one, with other rights than the mapping's. */
interface Entry { readonly huge?: boolean; readonly prot?: number }

/** ttm_bo_vm_fault_reserved, of one page. */
export function* ttm_bo_vm_fault_reserved(bo: TtmBufferObject, vmf: VmFault, { huge, prot }: Entry): Steps<number> {
  const idle = yield* ttm_bo_vm_fault_idle(bo, vmf)
  if (idle) return idle
  const page = kernel().page(yield* load(bo.pages, { label: 'page = ttm->pages[0]' }))
  const large = ((yield* load(page.flags, { label: 'page order' })) & PG_head) !== 0
  if (applied('mutant-fault-unlocks-early')) yield* dma_resv_unlock(bo.resv)
  if (!huge) return yield* insert(vmf, large ? page.pfn + pte_index(vmf.address) : page.pfn, prot)
  return large ? yield* vmf_insert_pfn_pmd(vmf, page.pfn, { devmap: false, write: (vmf.flags & FAULT_FLAG_WRITE) !== 0 }) : VM_FAULT_FALLBACK
}

/** ttm_bo_vm_fault. */
function* ttm_bo_vm_fault(bo: TtmBufferObject, vmf: VmFault, huge: boolean): Steps<number> {
  const reserved = yield* ttm_bo_vm_reserve(bo, vmf)
  if (reserved) return reserved
  const result = yield* ttm_bo_vm_fault_reserved(bo, vmf, { huge })
  if (result !== VM_FAULT_RETRY && !applied('mutant-fault-unlocks-early')) yield* dma_resv_unlock(bo.resv)
  return result
}

/** ttm_bo_vm_ops: what a driver that uses TTM does for the mappings of an object. */
export const ttm_bo_vm_ops = (bo: TtmBufferObject): VmOperations => ({
  fault: (vmf) => ttm_bo_vm_fault(bo, vmf, false),
  huge_fault: (vmf) => ttm_bo_vm_fault(bo, vmf, true),
})
