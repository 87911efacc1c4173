import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_WRITE } from '../../include/fault.js'
import { FOLL_GET, FOLL_MIGRATION } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import { PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import { VM_MERGEABLE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { vma_lookup } from '../find_vma.js'
import { follow_page } from '../gup/follow_page.js'
import { handle_mm_fault } from '../memory/handle_mm_fault.js'
import { put_page } from '../swap/folio_put.js'

/** One try. VM_FAULT_… bits; VM_FAULT_WRITE if there is no merged page (any more). */
function* unshare(mm: Mm, vma: Vma, address: number): Steps<number> {
  const page = yield* follow_page(mm, vma, address, FOLL_GET | FOLL_MIGRATION)
  if (typeof page === 'number') return VM_FAULT_WRITE
  const folio = yield* compound_head(page)
  const ksm = ((yield* load(folio.mapping, { label: 'PageKsm(page)' })) & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM
  const result = ksm ? yield* handle_mm_fault(mm, vma, address, FAULT_FLAG_WRITE) : VM_FAULT_WRITE
  yield* put_page(page)
  return result
}

/** mm/ksm.c:break_ksm: gives the address a page of its own again, by a write fault. The mmap_lock is held. */
export function* break_ksm(mm: Mm, vma: Vma, address: number): Steps {
  let result = 0
  while (!(result & (VM_FAULT_WRITE | VM_FAULT_ERROR))) result = yield* unshare(mm, vma, address)
}

/** mm/ksm.c:find_mergeable_vma */
export function* find_mergeable_vma(mm: Mm, address: number): Steps<Vma | undefined> {
  if ((yield* load(mm.mm_users, { label: 'ksm_test_exit(mm)' })) === 0) return undefined
  const vma = yield* vma_lookup(mm, address)
  if (!vma || !((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_MERGEABLE)) return undefined
  return (yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) ? vma : undefined
}
