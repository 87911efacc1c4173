import { holding, lockdep } from '../../../engine/model/lock.js'
import { choose, type Steps } from '../../../engine/model/step.js'
import { __GFP_DIRECT_RECLAIM, __GFP_FS } from '../../include/gfp.js'
import { kernel } from '../../kernel.js'
import { FS_RECLAIM, lock_map_release } from '../../locking/lock-map.js'
import { might_alloc, memalloc_restore, memalloc_save, PF_MEMALLOC, WITHOUT_FS } from '../might_alloc.js'

/** mm/page_alloc.c:__perform_reclaim. Whatever it allocates itself does not reclaim again. */
export function* __perform_reclaim(gfp: number): Steps {
  const fs = (gfp & __GFP_FS) !== 0
  if (fs) yield* lockdep({ op: 'acquire', lock: FS_RECLAIM, unless: WITHOUT_FS })
  yield* memalloc_save(PF_MEMALLOC)
  for (const shrinker of kernel().shrinkers) yield* shrinker.scan_objects(gfp)
  yield* memalloc_restore(PF_MEMALLOC)
  if (fs) yield* lock_map_release(FS_RECLAIM)
}

/** mm/page_alloc.c:__alloc_pages_slowpath, as far as it goes before there is memory: direct reclaim if memory is short just now. */
export function* __alloc_pages_slowpath(gfp: number): Steps {
  yield* might_alloc(gfp)
  if (kernel().shrinkers.length === 0 || !(gfp & __GFP_DIRECT_RECLAIM) || (yield* holding(PF_MEMALLOC))) return
  if (yield* choose(2, { label: 'zone_watermark_ok()' })) yield* __perform_reclaim(gfp)
}
