import type { Steps } from '../../../engine/model/step.js'
import { EAGAIN, ESRCH } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { move_pages, UFFDIO_MOVE_MODE_DONTWAKE } from '../../mm/userfaultfd/move_pages.js'
import { wake_userfault } from './userfaultfd_writeprotect.js'

/** fs/userfaultfd.c:userfaultfd_move, ioctl UFFDIO_MOVE. 0, -EAGAIN if only a part went, or another error number. */
export function* userfaultfd_move(mm: Mm, dst: number, src: number, len: number, mode = 0): Steps<number> {
  if (!(yield* mmget_not_zero(mm))) return -ESRCH
  const moved = yield* move_pages(mm, dst, src, len, mode)
  yield* mmput(mm)
  if (moved < 0) return moved
  if (!(mode & UFFDIO_MOVE_MODE_DONTWAKE)) yield* wake_userfault(mm, dst, dst + moved)
  return moved === len ? 0 : -EAGAIN
}
