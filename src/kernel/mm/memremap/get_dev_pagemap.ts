import { fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { rcu_read_lock, rcu_read_unlock } from '../../../machine/rcu.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import { kernel } from '../../kernel.js'

/** include/linux/percpu-refcount.h:percpu_ref_tryget_live_rcu: looks, and counts later; a grace period keeps the two together. */
export function* percpu_ref_tryget_live(pgmap: DevPagemap): Steps<boolean> {
  if (yield* load(pgmap.dead, { label: '__ref_is_percpu(&pgmap->ref)' })) return false
  yield* fetchAdd(pgmap.ref, 1, { label: 'this_cpu_inc(pgmap->ref)' })
  return true
}

/**
 * mm/memremap.c:get_dev_pagemap: a reference to the pagemap of a frame, unless that is on its way out. The one to `held` is given
 * back, or serves for this frame too.
 */
export function* get_dev_pagemap(pfn: number, held?: DevPagemap): Steps<DevPagemap | undefined> {
  const page = kernel().memory.pages[pfn]
  const pgmap = page && kernel().memory.pagemapOf(page)
  if (held && held === pgmap) return held
  if (held) yield* put_dev_pagemap(held)
  if (!pgmap) return undefined
  yield* rcu_read_lock()
  const live = yield* percpu_ref_tryget_live(pgmap)
  yield* rcu_read_unlock()
  return live ? pgmap : undefined
}

/** include/linux/memremap.h:put_dev_pagemap */
export function* put_dev_pagemap(pgmap: DevPagemap): Steps {
  yield* fetchAdd(pgmap.ref, -1, { label: 'put_dev_pagemap(pgmap)' })
}
