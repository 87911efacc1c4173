import { load, type Steps, store } from '../../../engine/model/step.js'
import { has, kernel } from '../../kernel.js'
import { dma_resv_lock_single, dma_resv_unlock } from '../dma_buf/dma_resv.js'
import type { VmwBo } from './vmw_bo.js'
import { vmw_bo_dirty_scan, vmw_bo_dirty_transfer_to_res } from './vmw_bo_dirty_scan.js'

/** The object goes to the device. */
function* upload({ base, device }: VmwBo): Steps {
  const page = kernel().page(yield* load(base.pages, { label: 'page of the object' }))
  const content = yield* load(page.content, { label: 'device reads page' })
  yield* store(device, content, { label: 'device has page' })
}

/** vmwgfx_resource.c:vmw_resource_validate, before a command uses the object: the device gets what is new. Whether there was anything. */
export function* vmw_resource_validate(bo: VmwBo): Steps<boolean> {
  const reserve = !has('mutant-scan-unreserved')
  if (reserve) yield* dma_resv_lock_single(bo.base.resv)
  yield* vmw_bo_dirty_scan(bo)
  const dirty = yield* vmw_bo_dirty_transfer_to_res(bo)
  if (dirty) yield* upload(bo)
  if (reserve) yield* dma_resv_unlock(bo.base.resv)
  return dirty
}
