import { load, type Steps, store } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { applied, kernel } from '../../kernel.js'
import { copy_page } from '../../mm/copy_page.js'
import { dma_resv_lock_single, dma_resv_unlock } from '../dma_buf/dma_resv.js'
import { exclusive_use, exclusive_use_ends } from '../exclusive_use.js'
import type { TtmBufferObject } from './ttm_bo.js'
import { ttm_bo_unmap_virtual } from './ttm_bo_unmap_virtual.js'
import { ttm_pool_free } from './ttm_pool_free.js'

/** drivers/gpu/drm/ttm/ttm_bo_util.c:ttm_bo_move_memcpy: the CPU moves the content, with nobody else at it. */
function* ttm_bo_move_memcpy(bo: TtmBufferObject, to: Page): Steps {
  const from = kernel().page(yield* load(bo.pages, { label: 'page = ttm->pages[0]' }))
  yield* exclusive_use(from)
  yield* copy_page(to, from)
  yield* store(bo.pages, to.pfn, { label: 'bo->resource = new_mem' })
  yield* exclusive_use_ends(from)
  yield* ttm_pool_free(from)
}

/** drivers/gpu/drm/ttm/ttm_bo.c:ttm_bo_evict and ttm_bo_handle_move_mem: the object's content goes to another page. */
export function* ttm_bo_evict(bo: TtmBufferObject, to: Page): Steps {
  const early = applied('mutant-unmap-before-reserve')
  if (early) yield* ttm_bo_unmap_virtual(bo)
  yield* dma_resv_lock_single(bo.resv)
  if (!early) yield* ttm_bo_unmap_virtual(bo)
  yield* ttm_bo_move_memcpy(bo, to)
  yield* dma_resv_unlock(bo.resv)
}
