import { load, type Steps, store } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import { FOLL_WRITE } from '../../../include/gup_flags.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import { has, kernel } from '../../../kernel.js'
import { get_user_pages_unlocked } from '../../../mm/gup/user_pages.js'
import { put_user_page } from '../../../mm/gup/put_user_page.js'
import { vma_lookup } from '../../../mm/find_vma.js'
import { mmu_interval_notifier_remove } from '../../../mm/mmu_interval_notifier.js'
import { set_page_dirty } from '../../../mm/page-writeback/set_page_dirty.js'
import { set_page_dirty_lock } from '../../../mm/page-writeback/set_page_dirty_lock.js'
import { mark_page_accessed } from '../../../mm/swap/mark_page_accessed.js'
import { dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/* drivers/gpu/drm/radeon of 6.1, for objects that are bound before anything else runs. */

/** radeon_ttm.c:radeon_ttm_tt_unpin_userptr, under the reservation. Nobody locks the page. */
export function* radeon_ttm_tt_unpin_userptr(bo: Userptr): Steps {
  const pfn = yield* load(bo.page, { label: 'ttm->sg' })
  if (!pfn) return
  const page = kernel().page(pfn - 1)
  yield* store(bo.gpu_pte, 0, { label: 'radeon_gart_unbind()' })
  yield* dma_unmap_sgtable(bo)
  yield* has('radeon-dirty-lock') ? set_page_dirty_lock(page) : set_page_dirty(page)
  yield* mark_page_accessed(page)
  yield* put_user_page(page)
  yield* store(bo.page, 0, { label: 'sg_free_table(ttm->sg)' })
}

/** radeon_mn.c:radeon_mn_invalidate: the pages go at once, with the reservation that submissions hold while they allocate. */
export function* radeon_mn_invalidate(bo: Userptr, range: MmuNotifierRange): Steps<boolean> {
  if (range.blockable === false) return false
  yield* dma_resv_lock_single(bo.resv)
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* radeon_ttm_tt_unpin_userptr(bo)
  yield* dma_resv_unlock(bo.resv)
  return true
}

export const radeon: UserptrDriver = (bo) => {
  bo.notifier.invalidate = (range) => radeon_mn_invalidate(bo, range)
}

/**
 * radeon_gem.c:radeon_gem_userptr_ioctl with RADEON_GEM_USERPTR_VALIDATE. What a GPU is to write to has to be anonymous memory:
 * false (-EPERM) for a mapping of a file. For set-up.
 */
export function* radeon_gem_userptr_ioctl(bo: Userptr): Steps<boolean> {
  const vma = yield* vma_lookup(bo.mm!, bo.address)
  if (!vma || (!has('mutant-radeon-any-memory') && (yield* load(vma.vm_file, { label: 'vma->vm_file' })))) return false
  const [page] = yield* get_user_pages_unlocked(bo.mm!, bo.address, 1, FOLL_WRITE)
  if (!page) return false
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.page, page.pfn + 1, { label: 'ttm->sg = sg' })
  yield* store(bo.gpu_pte, 1, { label: 'radeon_gart_bind()' })
  return true
}

/** radeon_gem.c:radeon_gem_object_free: the notifier goes first, then the pages. */
export function* radeon_gem_object_free(bo: Userptr): Steps {
  yield* mmu_interval_notifier_remove(bo.notifier, bo.mm!)
  yield* dma_resv_lock_single(bo.resv)
  yield* radeon_ttm_tt_unpin_userptr(bo)
  yield* dma_resv_unlock(bo.resv)
}
