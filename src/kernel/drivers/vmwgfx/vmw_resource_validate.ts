import { clearBits, load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { applied, kernel } from '../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { clean_record_shared_mapping_range } from '../../mm/mapping_dirty_helpers/clean_record_shared_mapping_range.js'
import type { VmwBo } from './vmw_bo.js'

const mapping_of = (bo: VmwBo): AddressSpace => {
  if (!bo.mapping) throw new Error('the buffer object has no file')
  return bo.mapping
}

/** vmwgfx_page_dirty.c:vmw_bo_dirty_scan with VMW_BO_DIRTY_PAGETABLE: which pages have been written to. */
const vmw_bo_dirty_scan = (bo: VmwBo): Steps<number> =>
  clean_record_shared_mapping_range(mapping_of(bo), 0, bo.device.length, { bitmap: bo.bitmap, bitmap_pgoff: 0 })

/** A page goes to the device. */
function* upload(bo: VmwBo, index: number): Steps {
  const pfn = (yield* load(mapping_of(bo).i_pages[index]!, { label: 'page of the object' })) - 1
  const content = yield* load(kernel().page(pfn).content, { label: 'device reads page' })
  yield* store(bo.device[index]!, content, { label: 'device has page' })
}

/** vmwgfx_page_dirty.c:vmw_bo_dirty_transfer_to_res: what is recorded as dirty is given to the device. */
function* vmw_bo_dirty_transfer_to_res(bo: VmwBo): Steps {
  for (let index = 0; index < bo.device.length; index++) {
    const bit = 1 << index
    if ((yield* clearBits(bo.bitmap, bit, { label: 'bitmap_clear(bitmap, start)' })) & bit) yield* upload(bo, index)
  }
}

/** vmwgfx_resource.c:vmw_resource_validate, before a command uses the object: the device gets what is new. Whether there was anything. */
export function* vmw_resource_validate(bo: VmwBo): Steps<boolean> {
  const reserve = !applied('mutant-scan-unreserved')
  if (reserve) yield* mutex_lock(bo.resv, 'dma_resv_lock(bo->resv)')
  const cleaned = yield* vmw_bo_dirty_scan(bo)
  yield* vmw_bo_dirty_transfer_to_res(bo)
  if (reserve) yield* mutex_unlock(bo.resv, 'dma_resv_unlock(bo->resv)')
  return cleaned > 0
}
