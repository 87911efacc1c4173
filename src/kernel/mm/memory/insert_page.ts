import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { bug } from '../../bug.js'
import { compound_head } from '../../include/compound.js'
import { EBUSY, EFAULT, EINVAL, ENOMEM } from '../../include/errno.js'
import { type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get, folio_ref_count } from '../../include/page_ref.js'
import { pfn_pte, pte_none } from '../../include/pgtable.js'
import { VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { page_add_file_rmap } from '../rmap/add_file_rmap.js'
import { get_locked_pte } from './get_locked_pte.js'
import { in_vma } from './insert_pfn.js'

/** mm/memory.c:insert_page: a mapping like that of a page of a file, counted. 0 or a negative error number. */
export function* insert_page(vma: Vma, address: number, page: Page): Steps<number> {
  const folio = yield* compound_head(page)
  if ((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON) return -EINVAL
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const locked = yield* get_locked_pte(vma, address)
  if (!locked) return -ENOMEM
  const { ptep, ptl } = locked
  const none = pte_none(yield* ptep_get(ptep))
  if (none) {
    yield* folio_get(folio)
    yield* page_add_file_rmap(page, vma, false)
    yield* set_pte_at(ptep, pfn_pte(page.pfn, prot))
  }
  yield* spin_unlock(ptl)
  return none ? 0 : -EBUSY
}

/** mm/memory.c:vm_insert_page. In an mmap handler, which has the mmap_lock for writing; the mapping is a MIXEDMAP from then on. */
export function* vm_insert_page(vma: Vma, address: number, page: Page): Steps<number> {
  if (!(yield* in_vma(vma, address))) return -EFAULT
  if (!(yield* folio_ref_count(yield* compound_head(page)))) return -EINVAL
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (flags & VM_PFNMAP) yield* bug('vm_insert_page() into a PFNMAP')
  if (!(flags & VM_MIXEDMAP)) yield* setBits(vma.vm_flags, VM_MIXEDMAP, { label: 'vma->vm_flags |= VM_MIXEDMAP' })
  return yield* insert_page(vma, address, page)
}
