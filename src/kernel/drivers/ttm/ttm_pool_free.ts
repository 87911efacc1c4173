import type { Steps } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { put_page } from '../../mm/swap/folio_put.js'
import { observe } from '../../observer.js'

/** drivers/gpu/drm/ttm/ttm_pool.c:ttm_pool_free: the next object that needs memory may get the page, whatever its references. */
export function* ttm_pool_free(page: Page): Steps {
  yield* observe('ttm_pool_free(page)', (o, m) => o.reissues?.(m, page))
  yield* put_page(page)
}
