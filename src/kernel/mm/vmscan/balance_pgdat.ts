import type { Steps } from '../../../engine/model/step.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import { kernel } from '../../kernel.js'
import { FS_RECLAIM, lock_map_acquire, lock_map_release } from '../../locking/lock-map.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC } from '../might_alloc.js'

/** mm/vmscan.c:balance_pgdat: one pass of kswapd over all who can give memory back. */
export function* balance_pgdat(): Steps {
  yield* lock_map_acquire(FS_RECLAIM)
  yield* memalloc_save(PF_MEMALLOC)
  for (const shrinker of kernel().shrinkers) yield* shrinker.scan_objects(GFP_KERNEL)
  yield* memalloc_restore(PF_MEMALLOC)
  yield* lock_map_release(FS_RECLAIM)
}
