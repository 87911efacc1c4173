import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { MMF_VM_MERGEABLE } from '../../include/ksm.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { mmdrop } from '../fork/mm_count.js'
import { list_add_tail, list_del } from './cell_list.js'

export const mm_next = (ref: number) => kernel().ksm.mm_next[ref - 1]!

/** mm/ksm.c:__ksm_enter: ksmd looks at the mm from its next scan on. */
export const __ksm_enter = (mm: Mm): Step<void> =>
  atomic('__ksm_enter(mm)', (m) => {
    if (kernel().ksm.rmap_list.length === 0) throw new Error('KSM needs a geometry with ksmItems')
    list_add_tail(m, kernel().ksm.mm_list, mm_next, mm.ref)
    m.set(mm.flags, m.get(mm.flags) | MMF_VM_MERGEABLE)
    add(m, mm.mm_count, 1)
  })

function* is_entered(mm: Mm): Steps<boolean> {
  return ((yield* load(mm.flags, { label: 'test_bit(MMF_VM_MERGEABLE)' })) & MMF_VM_MERGEABLE) !== 0
}

export function* ksm_enter(mm: Mm): Steps {
  if (!(yield* is_entered(mm))) yield* __ksm_enter(mm)
}

/** include/linux/ksm.h:ksm_fork */
export function* ksm_fork(mm: Mm, oldmm: Mm): Steps {
  if (yield* is_entered(oldmm)) yield* __ksm_enter(mm)
}

/**
 * mm/ksm.c:__ksm_exit, when the last user of the mm has gone. If ksmd knows pages of it, ksmd frees the mm itself;
 * waiting for the mmap_lock waits for what ksmd does with it now.
 */
export function* ksm_exit(mm: Mm): Steps {
  if (!(yield* is_entered(mm))) return
  const { ksm } = kernel()
  const easy = yield* atomic('__ksm_exit(mm)', (m) => {
    if (m.get(ksm.rmap_list[mm.ref - 1]!)) return false
    list_del(m, ksm.mm_list, mm_next, mm.ref)
    m.set(mm.flags, m.get(mm.flags) & ~MMF_VM_MERGEABLE)
    return true
  })
  if (easy) return yield* mmdrop(mm)
  yield* mmap_write_lock(mm)
  yield* mmap_write_unlock(mm)
}
