import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_WRITE, VM_FAULT_ERROR } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { folio_get, folio_ref_try_add_rcu } from '../../include/page_ref.js'
import { pte_pfn, pte_write } from '../../include/pgtable.js'
import { VM_IO, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { vma_lookup } from '../../mm/find_vma.js'
import { follow_pte } from '../../mm/memory/follow_pte.js'
import { handle_mm_fault } from '../../mm/memory/handle_mm_fault.js'
import { ptep_get } from '../../mm/pgtable.js'

/** virt/kvm/kvm_main.c:kvm_try_get_pfn: the reference that is dropped when the page is mapped; none where nobody counts. */
export function* kvm_try_get_pfn(page: Page): Steps<boolean> {
  if (has('f8be156be163')) return (yield* folio_ref_try_add_rcu(page, 1)) || has('mutant-kvm-maps-without-reference')
  yield* folio_get(page)
  return true
}

/** virt/kvm/kvm_main.c:hva_to_pfn_remapped, with a fault if the entry is not there yet. */
export function* hva_to_pfn_remapped(mm: Mm, vma: Vma, hva: number, write: boolean): Steps<Page | undefined> {
  let locked = yield* follow_pte(mm, hva)
  if (!locked) {
    if ((yield* handle_mm_fault(mm, vma, hva, write ? FAULT_FLAG_WRITE : 0)) & VM_FAULT_ERROR) return undefined
    locked = yield* follow_pte(mm, hva)
  }
  if (!locked) return undefined
  const pte = yield* ptep_get(locked.ptep)
  const page = write && !pte_write(pte) ? undefined : kernel().memory.pages[pte_pfn(pte)]
  const got = page !== undefined && (yield* kvm_try_get_pfn(page))
  yield* spin_unlock(locked.ptl)
  return got ? page : undefined
}

/** virt/kvm/kvm_main.c:hva_to_pfn, of what GUP refuses: PFN mappings. A page with a reference, or undefined. */
export function* hva_to_pfn(mm: Mm, hva: number, write: boolean): Steps<Page | undefined> {
  yield* mmap_read_lock(mm)
  const vma = yield* vma_lookup(mm, hva)
  const flags = vma ? yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) : 0
  const page = vma && flags & (VM_IO | VM_PFNMAP) ? yield* hva_to_pfn_remapped(mm, vma, hva, write) : undefined
  yield* mmap_read_unlock(mm)
  return page
}
