import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_WRITE, type VmFault } from '../../include/fault.js'
import type { Page } from '../../include/page.js'
import { pfn_pte, pte_mkdirty, pte_mkwrite } from '../../include/pgtable.js'
import { VM_SHARED, VM_WRITE } from '../../include/vm_flags.js'
import { set_pte_at } from '../pgtable.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_add_file_rmap } from '../rmap/add_file_rmap.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'

/** mm/memory.c:do_set_pte. `page` is the file's, or a private copy of it. */
export function* do_set_pte(vmf: VmFault, ptep: Cell, page: Page, address: number): Steps {
  const write = (vmf.flags & FAULT_FLAG_WRITE) !== 0
  const pte = pfn_pte(page.pfn, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const vm_flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
  if (write && !(vm_flags & VM_SHARED)) {
    yield* page_add_new_anon_rmap(page, vmf.vma, address)
    yield* lru_cache_add_inactive_or_unevictable(page, vmf.vma)
  } else yield* page_add_file_rmap(page, vmf.vma, false)
  const dirty = write ? pte_mkdirty(pte) : pte
  yield* set_pte_at(ptep, write && vm_flags & VM_WRITE ? pte_mkwrite(dirty) : dirty)
}
