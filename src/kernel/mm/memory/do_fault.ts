import { load, setBits, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import {
  FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_FALLBACK, VM_FAULT_NOPAGE, VM_FAULT_OOM, VM_FAULT_RETRY, VM_FAULT_SIGBUS,
  type VmFault,
} from '../../include/fault.js'
import { PG_dirty, PG_uptodate } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { is_swap_pmd, pmd_none, pmd_trans_huge, pte_none } from '../../include/pgtable.js'
import { VM_SHARED } from '../../include/vm_flags.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { copy_page } from '../copy_page.js'
import { filemap_map_pages } from '../filemap/filemap_map_pages.js'
import { linear_page_index } from '../linear_page_index.js'
import { check_stable_address_space } from '../oom_kill/check_stable_address_space.js'
import { alloc_page } from '../page_alloc.js'
import { pmdp_get, pte_alloc, pte_index, ptep_get } from '../pgtable.js'
import { shmem_get_folio } from '../shmem/shmem_get_folio.js'
import { folio_put, put_page } from '../swap/folio_put.js'
import { do_set_pmd } from './do_set_pmd.js'
import { do_set_pte } from './do_set_pte.js'
import { pte_map_may_fail, pte_offset_map_lock } from './pte_lock.js'
import { vmf_anon_prepare } from './vmf_anon_prepare.js'
import { vmf_can_call_fault } from './vmf_can_call_fault.js'

/** fault_around_bytes, in pages. */
const FAULT_AROUND = 16
const FAILED = VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY

/** mm/memory.c:__do_fault, of a driver or of shmem: the page locked and with a reference, or a VM_FAULT_… code. */
export function* __do_fault(vmf: VmFault, mapping: AddressSpace): Steps<Page | number> {
  if (mapping.vm_ops) return yield* mapping.vm_ops.fault(vmf)
  const index = yield* linear_page_index(vmf.vma, vmf.address)
  if (index >= (yield* load(mapping.i_size, { label: 'i_size_read(inode)' }))) return VM_FAULT_SIGBUS
  return (yield* shmem_get_folio(mapping, index)) ?? VM_FAULT_OOM
}

/** mm/memory.c:finish_fault. Consumes the reference of the page if it is mapped. */
export function* finish_fault(vmf: VmFault, page: Page): Steps<number> {
  if (kernel().geometry.oomReapRetries > 0 && !((yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })) & VM_SHARED)) {
    const unstable = yield* check_stable_address_space(vmf.mm)
    if (unstable) return unstable
  }
  if (pmd_none(yield* pmdp_get(vmf.pmdp))) {
    const folio = yield* compound_head(page)
    if (yield* folio_test_large(folio)) {
      const done = yield* do_set_pmd(vmf, folio)
      if (done !== VM_FAULT_FALLBACK) return done
    }
    yield* pte_alloc(vmf.mm, vmf.pmdp)
  }
  if (!pte_map_may_fail()) {
    const pmd = yield* pmdp_get(vmf.pmdp)
    if (pmd_trans_huge(pmd) || is_swap_pmd(pmd)) return VM_FAULT_NOPAGE
  }
  const locked = yield* pte_offset_map_lock(vmf.pmdp, vmf.address)
  if (!locked) return VM_FAULT_NOPAGE
  const { ptep, ptl } = locked
  const none = pte_none(yield* ptep_get(ptep))
  if (none) yield* do_set_pte(vmf, ptep, page, vmf.address)
  yield* spin_unlock(ptl)
  return none ? 0 : VM_FAULT_NOPAGE
}

/** mm/memory.c:do_fault_around: maps what is in the page cache near the address. */
export function* do_fault_around(vmf: VmFault, mapping: AddressSpace): Steps<number> {
  const start = yield* load(vmf.vma.vm_start, { label: 'vma->vm_start' })
  const end = yield* load(vmf.vma.vm_end, { label: 'vma->vm_end' })
  const size = Math.min(FAULT_AROUND, kernel().geometry.ptrsPerPte)
  const from = Math.max(vmf.address - (vmf.address % size), start)
  const to = Math.min(from - pte_index(from) + kernel().geometry.ptrsPerPte, end, from + size)
  const first = yield* linear_page_index(vmf.vma, from)
  const last = Math.min(first + to - from, yield* load(mapping.i_size, { label: 'i_size_read(inode)' })) - 1
  return yield* filemap_map_pages(vmf, mapping, first, last, from)
}

function* unlock_and_put(page: Page): Steps {
  yield* folio_unlock(yield* compound_head(page))
  yield* put_page(page)
}

/** mm/memory.c:do_read_fault */
export function* do_read_fault(vmf: VmFault, mapping: AddressSpace): Steps<number> {
  const around = mapping.vm_ops ? 0 : yield* do_fault_around(vmf, mapping)
  if (around) return around
  const refused = yield* vmf_can_call_fault(vmf, mapping.vm_ops)
  if (refused) return refused
  const page = yield* __do_fault(vmf, mapping)
  if (typeof page === 'number') return page
  const result = yield* finish_fault(vmf, page)
  yield* folio_unlock(yield* compound_head(page))
  if (result & FAILED) yield* put_page(page)
  return result
}

/** mm/memory.c:do_cow_fault */
export function* do_cow_fault(vmf: VmFault, mapping: AddressSpace): Steps<number> {
  const refused = (yield* vmf_can_call_fault(vmf, mapping.vm_ops)) || (yield* vmf_anon_prepare(vmf))
  if (refused) return refused
  const copy = yield* alloc_page()
  if (!copy) return VM_FAULT_OOM
  const page = yield* __do_fault(vmf, mapping)
  if (typeof page === 'number') {
    yield* folio_put(copy)
    return page
  }
  yield* copy_page(copy, page)
  yield* setBits(copy.flags, PG_uptodate, { label: '__SetPageUptodate(cow_page)' })
  const result = yield* finish_fault(vmf, copy)
  yield* unlock_and_put(page)
  if (result & FAILED) yield* folio_put(copy)
  return result
}

/** mm/memory.c:do_shared_fault, of a file that does not ask to be told, and fault_dirty_shared_page */
export function* do_shared_fault(vmf: VmFault, mapping: AddressSpace): Steps<number> {
  const refused = yield* vmf_can_call_fault(vmf, mapping.vm_ops)
  if (refused) return refused
  const page = yield* __do_fault(vmf, mapping)
  if (typeof page === 'number') return page
  const result = yield* finish_fault(vmf, page)
  const folio = yield* compound_head(page)
  if (!(result & FAILED)) yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  yield* folio_unlock(folio)
  if (result & FAILED) yield* put_page(page)
  return result
}

/** mm/memory.c:do_fault. A page of a file is not mapped yet. */
export function* do_fault(vmf: VmFault): Steps<number> {
  const mapping = kernel().files.deref(yield* load(vmf.vma.vm_file, { label: 'vma->vm_file' }))
  if (!(vmf.flags & FAULT_FLAG_WRITE)) return yield* do_read_fault(vmf, mapping)
  const vm_flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
  return vm_flags & VM_SHARED ? yield* do_shared_fault(vmf, mapping) : yield* do_cow_fault(vmf, mapping)
}
