import type { Steps } from '../../../engine/model/step.js'
import { EINVAL } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'

/** mm/khugepaged.c:madvise_collapse. Not there yet. */
export function* madvise_collapse(_mm: Mm, _vma: Vma, _start: number, _end: number): Steps<number> {
  return -EINVAL
}
