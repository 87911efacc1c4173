import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_ALLOW_RETRY, VM_FAULT_RETRY, type VmFault } from '../../include/fault.js'
import { VM_SHARED } from '../../include/vm_flags.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { has } from '../../kernel.js'
import { insert_pfn } from '../../mm/memory/insert_pfn.js'
import { vm_get_page_prot } from '../../mm/mmap/vm_page_prot.js'
import { dma_resv_unlock } from '../dma_buf/dma_resv.js'
import { ttm_bo_vm_fault_reserved, ttm_bo_vm_reserve } from '../ttm/ttm_bo_vm.js'
import { VMW_BO_DIRTY_MKWRITE, type VmwBo } from './vmw_bo.js'
import { vmw_bo_dirty_mark } from './vmw_bo_dirty_scan.js'

/** The entry becomes writable while the object is reserved: nobody scans in between. It is what the handlers of DAX do. */
function* make_writable({ base }: VmwBo, { vma, address }: VmFault): Steps<number> {
  const pfn = yield* load(base.pages, { label: 'page = ttm->pages[0]' })
  return yield* insert_pfn(vma, address, pfn, { devmap: false, write: true })
}

/** vmwgfx_page_dirty.c:vmw_bo_vm_mkwrite: a write to an entry that is read-only. It may not be tried again, so it waits for the object. */
export function* vmw_bo_vm_mkwrite(bo: VmwBo, vmf: VmFault): Steps<number> {
  const reserve = !has('mutant-mkwrite-unreserved')
  if (reserve) yield* ttm_bo_vm_reserve(bo.base, { ...vmf, flags: vmf.flags & ~FAULT_FLAG_ALLOW_RETRY })
  yield* vmw_bo_dirty_mark(bo, 0)
  const done = has('vmw-mkwrite-sets-entry') ? yield* make_writable(bo, vmf) : 0
  if (reserve) yield* dma_resv_unlock(bo.base.resv)
  return done
}

/** vmwgfx_page_dirty.c:vmw_bo_vm_fault: where writes are to fault, entries are read-only. */
export function* vmw_bo_vm_fault(bo: VmwBo, vmf: VmFault): Steps<number> {
  const reserved = yield* ttm_bo_vm_reserve(bo.base, vmf)
  if (reserved) return reserved
  const flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
  const faults = (yield* load(bo.method, { label: 'dirty->method' })) === VMW_BO_DIRTY_MKWRITE
  const result = yield* ttm_bo_vm_fault_reserved(bo.base, vmf, { prot: vm_get_page_prot(faults ? flags & ~VM_SHARED : flags) })
  if (result !== VM_FAULT_RETRY) yield* dma_resv_unlock(bo.base.resv)
  return result
}

/** vmwgfx_ttm_glue.c:vmw_vm_ops */
export const vmw_vm_ops = (bo: VmwBo): VmOperations => ({
  fault: (vmf) => vmw_bo_vm_fault(bo, vmf),
  pfn_mkwrite: (vmf) => vmw_bo_vm_mkwrite(bo, vmf),
})
