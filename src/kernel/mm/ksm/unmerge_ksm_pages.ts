import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { break_ksm } from './break_ksm.js'

/** mm/ksm.c:unmerge_ksm_pages. */
export function* unmerge_ksm_pages(mm: Mm, vma: Vma, start: number, end: number): Steps {
  for (let address = start; address < end; address++) {
    if ((yield* load(mm.mm_users, { label: 'ksm_test_exit(mm)' })) === 0) return
    yield* break_ksm(mm, vma, address)
  }
}
