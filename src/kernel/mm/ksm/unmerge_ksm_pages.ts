import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'

/** mm/ksm.c:unmerge_ksm_pages. Nothing is ever merged yet. */
export function* unmerge_ksm_pages(_mm: Mm, _vma: Vma, _start: number, _end: number): Steps {}
