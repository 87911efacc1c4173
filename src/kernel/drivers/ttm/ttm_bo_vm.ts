import { load, type Steps } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { FAULT_FLAG_WRITE, fault_flag_allow_retry_first, VM_FAULT_ERROR, VM_FAULT_FALLBACK, VM_FAULT_NOPAGE, VM_FAULT_RETRY, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import { PG_head } from '../../include/page_flags.js'
import { VM_MIXEDMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vmf_insert_pfn_pmd } from '../../mm/huge_memory/vmf_insert_pfn_pmd.js'
import { vmf_insert_pfn_prot } from '../../mm/memory/insert_pfn.js'
import { vmf_insert_mixed } from '../../mm/memory/vmf_insert_mixed.js'
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
  if (has('mutant-fault-ignores-moves') || (yield* dma_resv_test_signaled(bo.resv, DMA_RESV_USAGE.KERNEL))) return 0
  const retry = fault_flag_allow_retry_first(vmf.flags)
  if (retry) yield* mmap_read_unlock(vmf.mm)
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.KERNEL)
  if (!retry) return 0
  yield* dma_resv_unlock(bo.resv)
  return VM_FAULT_RETRY
}

/** The entry: of a PFN mapping; until 5.14 mappings were MIXEDMAP. */
function* insert(vma: Vma, address: number, pfn: number, prot: number | undefined): Steps<number> {
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  return flags & VM_MIXEDMAP ? yield* vmf_insert_mixed(vma, address, pfn) : yield* vmf_insert_pfn_prot(vma, address, pfn, prot)
}

/** include/drm/ttm/ttm_bo_driver.h */
const TTM_BO_VM_NUM_PREFAULT = 16

/** The entries from the address of the fault on, as far as object and mapping go. Only of the first one an error counts. */
function* prefault(bo: TtmBufferObject, vmf: VmFault, first: number, num_pages: number, prot: number | undefined): Steps<number> {
  const vm_start = yield* load(vmf.vma.vm_start, { label: 'vma->vm_start' })
  const vm_end = yield* load(vmf.vma.vm_end, { label: 'vma->vm_end' })
  const vm_pgoff = yield* load(vmf.vma.vm_pgoff, { label: 'vma->vm_pgoff' })
  const page_offset = vmf.address - vm_start + vm_pgoff
  if (page_offset >= num_pages) return VM_FAULT_SIGBUS
  const nr = Math.min(TTM_BO_VM_NUM_PREFAULT, num_pages - page_offset, vm_end - vmf.address)
  for (let i = 0; i < nr; i++) {
    if (i === 1 && has('mutant-prefault-unlocked')) yield* dma_resv_unlock(bo.resv)
    const result = yield* insert(vmf.vma, vmf.address + i, first + page_offset + i, prot)
    if (result & VM_FAULT_ERROR) break
  }
  if (nr > 1 && has('mutant-prefault-unlocked')) yield* dma_resv_lock_single(bo.resv)
  return VM_FAULT_NOPAGE
}

/** What kind of entry: one of TTM's huge ones, which 5.16 took out again; or small ones, with other rights than the mapping's. */
interface Entry { readonly huge?: boolean; readonly prot?: number }

/** ttm_bo_vm_fault_reserved */
export function* ttm_bo_vm_fault_reserved(bo: TtmBufferObject, vmf: VmFault, { huge, prot }: Entry): Steps<number> {
  const idle = yield* ttm_bo_vm_fault_idle(bo, vmf)
  if (idle) return idle
  const page = kernel().page(yield* load(bo.pages, { label: 'page = ttm->pages[0]' }))
  const large = ((yield* load(page.flags, { label: 'page order' })) & PG_head) !== 0
  if (has('mutant-fault-unlocks-early')) yield* dma_resv_unlock(bo.resv)
  if (!huge) return yield* prefault(bo, vmf, page.pfn, large ? kernel().geometry.ptrsPerPte : bo.num_pages, prot)
  return large ? yield* vmf_insert_pfn_pmd(vmf, page.pfn, { devmap: false, write: (vmf.flags & FAULT_FLAG_WRITE) !== 0 }) : VM_FAULT_FALLBACK
}

/** ttm_bo_vm_fault. */
function* ttm_bo_vm_fault(bo: TtmBufferObject, vmf: VmFault, huge: boolean): Steps<number> {
  const reserved = yield* ttm_bo_vm_reserve(bo, vmf)
  if (reserved) return reserved
  const result = yield* ttm_bo_vm_fault_reserved(bo, vmf, { huge })
  if (result !== VM_FAULT_RETRY && !has('mutant-fault-unlocks-early')) yield* dma_resv_unlock(bo.resv)
  return result
}

/** ttm_bo_vm_ops: what a driver that uses TTM does for the mappings of an object. */
export const ttm_bo_vm_ops = (bo: TtmBufferObject): VmOperations => ({
  fault: (vmf) => ttm_bo_vm_fault(bo, vmf, false),
  huge_fault: (vmf) => ttm_bo_vm_fault(bo, vmf, true),
})
