import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import { ESRCH } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { mwriteprotect_range } from '../../mm/userfaultfd/mwriteprotect_range.js'

/** fs/userfaultfd.c:wake_userfault: those who wait for an address of the range try again. */
export const wake_userfault = (mm: Mm, start: number, end: number): Step<void> =>
  atomic('wake_userfault(ctx, range)', (m) => {
    for (const queued of kernel().userfaultfds[mm.ref - 1]?.fault_wqh ?? []) {
      if (m.get(queued) > start && m.get(queued) <= end) m.set(queued, 0)
    }
  })

/** fs/userfaultfd.c:userfaultfd_writeprotect, ioctl UFFDIO_WRITEPROTECT. `mode_wp` protects, otherwise it is the answer to faults. */
export function* userfaultfd_writeprotect(mm: Mm, start: number, len: number, mode_wp: boolean): Steps<number> {
  if (!(yield* mmget_not_zero(mm))) return -ESRCH
  const error = yield* mwriteprotect_range(mm, start, len, mode_wp)
  yield* mmput(mm)
  if (!error && !mode_wp) yield* wake_userfault(mm, start, start + len)
  return error
}
