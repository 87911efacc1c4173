import type { Steps } from '../../../engine/model/step.js'
import type { Folio } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'

/** rwc->rmap_one: looks at one VMA that may map the folio, at the address it would have there. False ends the walk. */
export type RmapOne<A> = (folio: Folio, vma: Vma, address: number, arg: A) => Steps<boolean>

/** struct rmap_walk_control */
export interface RmapWalkControl<A> {
  readonly rmap_one: RmapOne<A>
  readonly arg: A
  /** Ends the walk as soon as the folio is not mapped any more (rwc->done = page_not_mapped). */
  readonly until_unmapped?: boolean
  /** rwc->anon_lock = folio_lock_anon_vma_read: only for a folio that is still mapped. */
  readonly only_mapped?: boolean
  /** Gives up where it would have to wait for the rmap lock. */
  readonly try_lock?: boolean
  /** The caller holds the rmap lock (rmap_walk_locked). */
  readonly locked?: boolean
}
