import { atomic, fetchAdd, type Step } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { slab_free } from '../../slab.js'

/* include/linux/sched/mm.h: who may use an address space (mm_users), and who only keeps the struct (mm_count). */

/** One more user of an address space that has one. */
export const mmget = (mm: Mm): Step => fetchAdd(mm.mm_users, 1, { label: 'mmget(mm)' })

/** Becomes a user, unless the last one has gone: then the address space is being torn down, or is no more. */
export const mmget_not_zero = (mm: Mm): Step<boolean> => atomic('mmget_not_zero(mm)', (m) => {
  if (m.get(mm.mm_users) === 0) return false
  add(m, mm.mm_users, 1)
  return true
})

/** The struct stays, whatever becomes of the address space. */
export const mmgrab = (mm: Mm): Step => fetchAdd(mm.mm_count, 1, { label: 'mmgrab(mm)' })

/** kernel/fork.c:__mmdrop is part of the step: who drops the last count is alone with the struct. */
export const mmdrop = (mm: Mm): Step<void> => atomic('mmdrop(mm)', (m) => {
  if (add(m, mm.mm_count, -1) === 0) slab_free(m, kernel().mms, mm)
})
