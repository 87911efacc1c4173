import { atomic, clearBits, fetchAdd, load, setBits, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { has } from '../../kernel.js'
import { clean_record_shared_mapping_range, type DirtyRecord } from '../../mm/mapping_dirty_helpers/clean_record_shared_mapping_range.js'
import { wp_shared_mapping_range } from '../../mm/mapping_dirty_helpers/wp_shared_mapping_range.js'
import { VMW_BO_DIRTY_MKWRITE, VMW_BO_DIRTY_PAGETABLE, VMW_BO_PAGES, type VmwBo } from './vmw_bo.js'

/** Percentage of pages written to from which looking at page tables is cheaper. */
const VMW_DIRTY_PERCENTAGE = 10

const mapping_of = ({ base: { mapping } }: VmwBo): AddressSpace => {
  if (!mapping) throw new Error('the buffer object has no device file')
  return mapping
}

const clean_record = (bo: VmwBo, to: DirtyRecord): Steps<number> => clean_record_shared_mapping_range(mapping_of(bo), 0, VMW_BO_PAGES, to)

const dirty_of = ({ bitmap, start, end }: VmwBo): DirtyRecord => ({ bitmap, bitmap_pgoff: 0, range: { start, end } })

/** Whether this scan is one more in a row for the other method, and the last that it takes. */
function* changes_method(bo: VmwBo, asks: boolean): Steps<boolean> {
  if (!asks) yield* store(bo.change_count, 0, { label: 'dirty->change_count = 0' })
  else if ((yield* fetchAdd(bo.change_count, 1, { label: 'dirty->change_count++' })) >= bo.triggers) return true
  return false
}

/** vmwgfx_page_dirty.c:vmw_bo_dirty_scan_pagetable. Nothing dirty a few times in a row: from now on writes fault. */
export function* vmw_bo_dirty_scan_pagetable(bo: VmwBo): Steps {
  const marked = yield* clean_record(bo, dirty_of(bo))
  if (!(yield* changes_method(bo, marked === 0))) return
  yield* store(bo.change_count, 0, { label: 'dirty->change_count = 0' })
  yield* store(bo.method, VMW_BO_DIRTY_MKWRITE, { label: 'dirty->method = VMW_BO_DIRTY_MKWRITE' })
  if (has('mutant-method-changes-only')) return
  yield* wp_shared_mapping_range(mapping_of(bo), 0, VMW_BO_PAGES)
  if (!has('mutant-no-second-look')) yield* clean_record(bo, dirty_of(bo))
}

/** What has been recorded stays so; what cleaning finds dirty is in there already. */
const keep_record = ({ bitmap, start, end }: VmwBo): Step<void> =>
  atomic('bitmap_clear(); bitmap_set()', (m) => {
    m.set(bitmap, 0)
    for (let page = m.get(start); page < m.get(end); page++) m.set(bitmap, m.get(bitmap) | (1 << page))
  })

/** vmwgfx_page_dirty.c:vmw_bo_dirty_scan_mkwrite: what has been written to faults again. Much, a few times in a row: no faults any more. */
export function* vmw_bo_dirty_scan_mkwrite(bo: VmwBo): Steps {
  const start = yield* load(bo.start, { label: 'dirty->start' })
  const end = yield* load(bo.end, { label: 'dirty->end' })
  if (end <= start) return
  const marked = yield* wp_shared_mapping_range(mapping_of(bo), start, end - start)
  if (!(yield* changes_method(bo, (100 * marked) / VMW_BO_PAGES > VMW_DIRTY_PERCENTAGE))) return
  yield* store(bo.method, VMW_BO_DIRTY_PAGETABLE, { label: 'dirty->method = VMW_BO_DIRTY_PAGETABLE' })
  yield* clean_record(bo, { bitmap: bo.bitmap, bitmap_pgoff: 0 })
  yield* keep_record(bo)
  yield* store(bo.change_count, 0, { label: 'dirty->change_count = 0' })
}

/** vmwgfx_page_dirty.c:vmw_bo_dirty_scan: which pages have been written to. It may change the method. */
export function* vmw_bo_dirty_scan(bo: VmwBo): Steps {
  if ((yield* load(bo.method, { label: 'dirty->method' })) === VMW_BO_DIRTY_PAGETABLE) yield* vmw_bo_dirty_scan_pagetable(bo)
  else yield* vmw_bo_dirty_scan_mkwrite(bo)
}

const forget_range = ({ start, end }: VmwBo): Step<void> =>
  atomic('dirty->start, dirty->end', (m) => {
    m.set(start, VMW_BO_PAGES)
    m.set(end, 0)
  })

/** vmwgfx_page_dirty.c:vmw_bo_dirty_transfer_to_res, of a resource that is the object. Whether there was something to transfer. */
export function* vmw_bo_dirty_transfer_to_res(bo: VmwBo): Steps<boolean> {
  if ((yield* load(bo.start, { label: 'dirty->start' })) >= (yield* load(bo.end, { label: 'dirty->end' }))) return false
  const bit = 1
  const was = (yield* clearBits(bo.bitmap, bit, { label: 'bitmap_clear(bitmap, start)' })) & bit
  yield* forget_range(bo)
  return was !== 0
}

/** Part of vmw_bo_vm_mkwrite: a page is about to be written to. */
export function* vmw_bo_dirty_mark(bo: VmwBo, page: number): Steps {
  if ((yield* load(bo.method, { label: 'dirty->method' })) !== VMW_BO_DIRTY_MKWRITE) return
  yield* setBits(bo.bitmap, 1 << page, { label: '__set_bit(page, bitmap)' })
  yield* atomic('dirty->start, dirty->end', (m) => {
    m.set(bo.start, Math.min(m.get(bo.start), page))
    m.set(bo.end, Math.max(m.get(bo.end), page + 1))
  })
}
