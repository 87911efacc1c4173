import { lockdep, type Acquire, type LockRequest } from '../../engine/model/lock.js'
import { __GFP_DIRECT_RECLAIM, __GFP_FS } from '../include/gfp.js'
import { FS_RECLAIM, NOTIFIER_MAP } from '../locking/lock-map.js'

/** task_struct.flags that take rights from the allocations of a thread (include/linux/sched/mm.h). */
export const PF_MEMALLOC = 'PF_MEMALLOC'
export const PF_MEMALLOC_NOIO = 'PF_MEMALLOC_NOIO'
export const PF_MEMALLOC_NOFS = 'PF_MEMALLOC_NOFS'
export const PF_MEMALLOC_PIN = 'PF_MEMALLOC_PIN'
type Scope = typeof PF_MEMALLOC | typeof PF_MEMALLOC_NOIO | typeof PF_MEMALLOC_NOFS | typeof PF_MEMALLOC_PIN

/** memalloc_noreclaim_save(), memalloc_noio_save(), memalloc_nofs_save(), memalloc_pin_save(). */
export const memalloc_save = (scope: Scope): LockRequest => lockdep({ op: 'acquire', lock: scope, mark: true })
export const memalloc_restore = (scope: Scope): LockRequest => lockdep({ op: 'release', lock: scope })

/** Scopes in which __GFP_FS is taken from allocations. */
export const WITHOUT_FS: readonly Scope[] = [PF_MEMALLOC, PF_MEMALLOC_NOIO, PF_MEMALLOC_NOFS]

const RECLAIM: Acquire = { op: 'acquire', lock: FS_RECLAIM, passes: true, unless: WITHOUT_FS }
const NOTIFIERS: Acquire = { op: 'acquire', lock: NOTIFIER_MAP, passes: true, unless: [PF_MEMALLOC] }

/**
 * include/linux/sched/mm.h:might_alloc, with mm/page_alloc.c:fs_reclaim_acquire: an allocation that may reclaim waits
 * for what reclaim waits for. Notifiers are among it whatever else is forbidden: reclaim without IO still unmaps.
 */
export const might_alloc = (gfp: number): LockRequest =>
  lockdep(...(gfp & __GFP_DIRECT_RECLAIM ? [...(gfp & __GFP_FS ? [RECLAIM] : []), NOTIFIERS] : []))
