import type { Steps } from '../../../engine/model/step.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import type { TtmBufferObject } from './ttm_bo.js'

/** drivers/gpu/drm/ttm/ttm_bo.c:ttm_bo_unmap_virtual: no process maps the object any more. The caller has it reserved. */
export function* ttm_bo_unmap_virtual(bo: TtmBufferObject): Steps {
  const { mapping } = bo
  if (mapping) yield* unmap_mapping_pages(mapping, 0, mapping.i_pages.length, true)
}
