import { load, type Steps, store } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import type { Page } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { copy_page } from '../../mm/copy_page.js'
import { dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from '../dma_buf/dma_resv.js'
import { exclusive_use, exclusive_use_ends } from '../exclusive_use.js'
import type { TtmBufferObject } from './ttm_bo.js'
import { ttm_bo_unmap_virtual } from './ttm_bo_unmap_virtual.js'
import { ttm_pool_free } from './ttm_pool_free.js'

/** drivers/gpu/drm/ttm/ttm_bo_util.c:ttm_bo_move_memcpy: the CPU moves the content, with nobody else at it. */
export function* ttm_bo_move_memcpy(bo: TtmBufferObject, to: Page): Steps {
  const first = yield* load(bo.pages, { label: 'page = ttm->pages[0]' })
  const old = Array.from({ length: bo.num_pages }, (_, i) => kernel().page(first + i))
  for (const page of old) yield* exclusive_use(page)
  for (const [i, page] of old.entries()) yield* copy_page(kernel().page(to.pfn + i), page)
  yield* store(bo.pages, to.pfn, { label: 'bo->resource = new_mem' })
  for (const page of old) yield* exclusive_use_ends(page)
  for (const page of old) yield* ttm_pool_free(page)
}

/**
 * drivers/gpu/drm/ttm/ttm_bo.c:ttm_bo_evict and ttm_bo_handle_move_mem: the object's content goes to other pages, from `to` on, when all
 * work that uses it is done (drivers/gpu/drm/radeon/radeon_ttm.c:radeon_bo_move).
 */
export function* ttm_bo_evict(bo: TtmBufferObject, to: Page): Steps {
  const early = has('mutant-unmap-before-reserve')
  if (early) yield* ttm_bo_unmap_virtual(bo)
  yield* dma_resv_lock_single(bo.resv)
  if (!early) yield* ttm_bo_unmap_virtual(bo)
  if (!has('mutant-copy-ignores-fences')) yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* ttm_bo_move_memcpy(bo, to)
  yield* dma_resv_unlock(bo.resv)
}
