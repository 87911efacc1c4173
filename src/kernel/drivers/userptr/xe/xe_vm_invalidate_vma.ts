import { atomic, load, type Step, type Steps, store } from '../../../../engine/model/step.js'
import { dma_unmap_sgtable } from '../dma_map.js'
import type { XeUserptrVma } from './xe_userptr_vma.js'

/** drivers/gpu/drm/xe/xe_pt.c:xe_pt_zap_ptes. False: there was nothing to take out, and there is nothing to flush. */
function* xe_pt_zap_ptes(vma: XeUserptrVma): Steps<boolean> {
  if (yield* load(vma.tile_invalidated, { label: 'vma->tile_invalidated' })) return false
  for (const [i, pte] of vma.gpu_ptes.entries()) yield* store(pte, 0, { label: `xe_pt_zap_ptes(): entry ${i}` })
  return true
}

/**
 * drivers/gpu/drm/xe/xe_tlb_inval.c:xe_tlb_inval_batch_wait of what was submitted: the GPU has forgotten all by then. It may have
 * done so before; here it takes as long as it may.
 */
export const xe_tlb_inval_batch_wait = (vma: XeUserptrVma): Step<void> =>
  atomic('xe_tlb_inval_batch_wait(&inval_batch)', (m) => {
    for (const entry of vma.gpu_tlb) m.set(entry, 0)
  })

/** drivers/gpu/drm/xe/xe_vm.c:xe_vm_invalidate_vma_submit. Whether the GPU's TLB has to be waited for. */
export function* xe_vm_invalidate_vma_submit(vma: XeUserptrVma): Steps<boolean> {
  const zapped = yield* xe_pt_zap_ptes(vma)
  yield* store(vma.tile_invalidated, 1, { label: 'vma->tile_invalidated = vma->tile_mask' })
  return zapped
}

/** drivers/gpu/drm/xe/xe_vm.c:xe_vm_invalidate_vma */
export function* xe_vm_invalidate_vma(vma: XeUserptrVma): Steps {
  if (yield* xe_vm_invalidate_vma_submit(vma)) yield* xe_tlb_inval_batch_wait(vma)
}

/** drivers/gpu/drm/drm_gpusvm.c:drm_gpusvm_unmap_pages, in a notifier. In 6.12 xe_hmm.c:xe_hmm_userptr_unmap. */
export function* drm_gpusvm_unmap_pages(vma: XeUserptrVma): Steps {
  if (!(yield* load(vma.has_dma_mapping, { label: 'pages->flags.has_dma_mapping' }))) return
  for (const mapping of vma.dma) yield* dma_unmap_sgtable(mapping)
  yield* store(vma.has_dma_mapping, 0, { label: 'has_dma_mapping = false' })
}
