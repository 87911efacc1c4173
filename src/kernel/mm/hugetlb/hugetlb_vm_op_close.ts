import { atomic, type Steps } from '../../../engine/model/step.js'
import { HPAGE_RESV_OWNER } from '../../include/resv_map.js'
import { VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { hugetlb_acct_memory } from './alloc_huge_page.js'
import { resv_map_put } from './hugetlb_reserve_pages.js'
import { hugetlb_vma_lock_free } from './hugetlb_vma_lock.js'
import { region_count, vma_resv_map } from './resv_map.js'

/** The private map that the VMA owns, and the places of the file that it maps. */
const owned = (vma: Vma) =>
  atomic('resv = vma_resv_map(vma)', (m) => {
    const mine = m.get(vma.vm_private_data) & HPAGE_RESV_OWNER && !(m.get(vma.vm_flags) & VM_MAYSHARE)
    const start = m.get(vma.vm_pgoff)
    return { resv: mine ? vma_resv_map(m, vma) : undefined, start, end: start + m.get(vma.vm_end) - m.get(vma.vm_start) }
  })

/** mm/hugetlb.c:hugetlb_vm_op_close: what the VMA has set aside and not used is anybody's again. */
export function* hugetlb_vm_op_close(vma: Vma): Steps {
  yield* hugetlb_vma_lock_free(vma)
  const { resv, start, end } = yield* owned(vma)
  if (!resv) return
  const reserve = end - start - (yield* region_count(resv, start, end))
  if (reserve) yield* hugetlb_acct_memory(-reserve)
  yield* resv_map_put(resv)
}

/** mm/hugetlb.c:clear_vma_resv_huge_pages, in mremap(): the new VMA has the reservations now. */
export function* clear_vma_resv_huge_pages(vma: Vma): Steps {
  const { resv } = yield* owned(vma)
  if (resv) yield* resv_map_put(resv)
  yield* atomic('hugetlb_dup_vma_private(vma)', (m) => {
    if (!(m.get(vma.vm_flags) & VM_MAYSHARE)) m.set(vma.vm_private_data, 0)
  })
}
