import { lockdep, type LockRequest } from '../../engine/model/lock.js'

/* include/linux/lockdep.h: what is no lock but orders like one. None of these takes a step. */

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range_start_map: held while callbacks run. */
export const NOTIFIER_MAP = 'mmu_notifier_invalidate_range_start'
/** mm/page_alloc.c:__fs_reclaim_map: held while memory is reclaimed, with file systems' help. */
export const FS_RECLAIM = 'fs_reclaim'
/** drivers/dma-buf/dma-fence.c:dma_fence_lockdep_map: held by who has to signal a fence, wanted by who waits for one. */
export const DMA_FENCE_MAP = 'dma_fence_map'

export const lock_map_acquire = (map: string): LockRequest => lockdep({ op: 'acquire', lock: map })
export const lock_map_release = (map: string): LockRequest => lockdep({ op: 'release', lock: map })

/** Takes the map and releases it at once: something here may wait for whoever holds it. */
export const might_lock = (map: string): LockRequest => lockdep({ op: 'acquire', lock: map }, { op: 'release', lock: map })
