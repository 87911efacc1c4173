import { load, type Steps, store } from '../../../../../engine/model/step.js'
import { kernel } from '../../../../kernel.js'
import { dma_resv_lock_single, dma_resv_unlock } from '../../../dma_buf/dma_resv.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../../dma_map.js'
import { hmm_get_user_pages } from '../../hmm_get_pages.js'
import type { KfdProcess, KgdMem } from './kfd_process.js'

/* What happens to one object in drivers/gpu/drm/amd/amdgpu/amdgpu_amdkfd_gpuvm.c, with process_info->lock held. */

/** To the system domain: neither the GPU nor the IOMMU maps the page any more. */
export function* move_to_inval_list({ bo, on_inval_list }: KgdMem): Steps {
  yield* dma_resv_lock_single(bo.resv)
  yield* store(bo.gpu_pte, 0, { label: 'amdgpu_gart_unbind()' })
  yield* dma_unmap_sgtable(bo)
  yield* store(bo.page, 0, { label: 'ttm->pages = NULL' })
  yield* dma_resv_unlock(bo.resv)
  yield* store(on_inval_list, 1, { label: 'list_move_tail(userptr_inval_list)' })
}

/** drivers/gpu/drm/amd/amdgpu/amdgpu_ttm.c:amdgpu_ttm_tt_get_user_pages. An address without memory is no error: the GPU will fault. */
export function* kfd_get_user_pages({ bo }: KgdMem): Steps {
  const found = yield* hmm_get_user_pages(bo)
  yield* store(bo.page, found ? found.page.pfn + 1 : 0, { label: 'ttm->pages = pages' })
  if (found) yield* store(bo.notifier_seq, found.seq, { label: 'mem->range' })
}

/** ttm_bo_validate() and update_gpuvm_pte(): the GPU maps the page that the object has. */
export function* validate({ bo }: KgdMem): Steps {
  yield* dma_resv_lock_single(bo.resv)
  const pfn = yield* load(bo.page, { label: 'ttm->pages[0]' })
  if (pfn) {
    yield* dma_map_sgtable(bo, kernel().page(pfn - 1))
    yield* store(bo.gpu_pte, 1, { label: 'update_gpuvm_pte()' })
  }
  yield* dma_resv_unlock(bo.resv)
}

/** init_user_pages and amdgpu_amdkfd_gpuvm_map_memory_to_gpu for all objects, with nobody else around. For set-up. */
export function* kfd_first_map(process: KfdProcess): Steps {
  for (const mem of process.mems) {
    yield* kfd_get_user_pages(mem)
    yield* validate(mem)
  }
}
