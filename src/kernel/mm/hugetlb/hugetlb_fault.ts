import { fetchAdd, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import {
  FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, VM_FAULT_SIGBUS,
} from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty, PG_locked, PG_uptodate } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { type Pte, pte_mkdirty, pte_mkyoung, pte_none, pte_pfn, pte_present, pte_write } from '../../include/pgtable.js'
import { VM_MAYSHARE, VM_SHARED, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock, folio_wait_locked } from '../../locking/folio_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { clear_page } from '../copy_page.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { linear_page_index } from '../linear_page_index.js'
import { set_access_flags } from '../pgtable_generic.js'
import { hugepage_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { anon_vma_prepare } from '../rmap/anon_vma.js'
import { folio_put } from '../swap/folio_put.js'
import { alloc_huge_page } from './alloc_huge_page.js'
import { type HugePte, huge_pte_lock, huge_pte_unlock, huge_ptep_get, make_huge_pte, set_huge_pte_at } from './huge_pte.js'
import { huge_pte_alloc } from './huge_pmd_share.js'
import { hugetlb_vma_lock_read, hugetlb_vma_unlock_read } from './hugetlb_vma_lock.js'
import { hugetlb_wp } from './hugetlb_wp.js'

/** What a fault of hugetlbfs is about; hugetlb_fault_mutex and the lock of the VMA are held. */
export interface HugetlbFault {
  readonly mm: Mm
  readonly vma: Vma
  readonly address: number
  /** FAULT_FLAG_… */
  readonly flags: number
  readonly pte: HugePte
  /** vma->vm_flags */
  readonly vm_flags: number
}

const WRITES = FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE

/** mm/hugetlb.c:hugetlb_add_to_page_cache; the page cache holds a reference. The folio is locked. */
function* hugetlb_add_to_page_cache(page: Folio, mapping: AddressSpace, index: number): Steps {
  yield* setBits(page.flags, PG_locked, { label: '__folio_set_locked(folio)' })
  yield* folio_get(page)
  yield* store(page.mapping, mapping.ref << 2, { label: 'folio->mapping = mapping' })
  yield* store(page.index, index, { label: 'folio->index = index' })
  yield* store(mapping.i_pages[index]!, page.pfn + 1, { label: 'xas_store(folio)' })
  yield* setBits(page.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
}

/** A zeroed page, locked: in the page cache, or for this VMA alone. A VM_FAULT_… code if there is none. */
function* new_page(fault: HugetlbFault, mapping: AddressSpace, index: number): Steps<Folio | number> {
  if (index >= (yield* load(mapping.i_size, { label: 'i_size_read(inode)' }))) return VM_FAULT_SIGBUS
  const page = yield* alloc_huge_page()
  if (!page) return VM_FAULT_SIGBUS
  yield* clear_page(page)
  yield* setBits(page.flags, PG_uptodate, { label: '__SetPageUptodate(page)' })
  if (fault.vm_flags & VM_MAYSHARE) yield* hugetlb_add_to_page_cache(page, mapping, index)
  else {
    yield* setBits(page.flags, PG_locked, { label: 'lock_page(page)' })
    yield* anon_vma_prepare(fault.vma)
  }
  return page
}

/** Maps the page, in the table that is locked. */
function* map_page(fault: HugetlbFault, page: Folio, anon: boolean): Steps<number> {
  const { vma, address, vm_flags, pte } = fault
  if (anon) yield* hugepage_add_new_anon_rmap(page, vma, address)
  else yield* fetchAdd(page.compound_mapcount, 1, { label: 'page_dup_file_rmap(page, true)' })
  yield* set_huge_pte_at(pte.ptep, yield* make_huge_pte(vma, page, (vm_flags & VM_WRITE) !== 0 && (vm_flags & VM_SHARED) !== 0))
  return fault.flags & FAULT_FLAG_WRITE && !(vm_flags & VM_SHARED) ? yield* hugetlb_wp(fault) : 0
}

/** mm/hugetlb.c:hugetlb_no_page */
function* hugetlb_no_page(fault: HugetlbFault, mapping: AddressSpace, index: number): Steps<number> {
  const cached = yield* filemap_lock_page(mapping, index)
  const page = cached ?? (yield* new_page(fault, mapping, index))
  if (typeof page === 'number') return page
  yield* huge_pte_lock(fault.pte)
  const none = pte_none(yield* huge_ptep_get(fault.pte.ptep))
  const result = none ? yield* map_page(fault, page, !cached && !(fault.vm_flags & VM_MAYSHARE)) : 0
  yield* huge_pte_unlock(fault.pte)
  yield* folio_unlock(page)
  if (!none) yield* folio_put(page)
  return result
}

/** The entry permits too little, or only its bits are due. The table and the page are locked. */
function* fault_locked(fault: HugetlbFault, entry: Pte): Steps<number> {
  const { mm, address, flags, pte } = fault
  if (flags & WRITES && !pte_write(entry)) return yield* hugetlb_wp(fault)
  const write = (flags & FAULT_FLAG_WRITE) !== 0
  yield* set_access_flags(mm, address, pte.ptep, entry, pte_mkyoung(write ? pte_mkdirty(entry) : entry), write)
  return 0
}

/** The page of a present entry. 'wait': somebody has it locked; the access is tried again when it is not. */
function* fault_present(fault: HugetlbFault, entry: Pte, pagecache: Folio | undefined): Steps<number | 'wait'> {
  if ((yield* huge_ptep_get(fault.pte.ptep)) !== entry) return 0
  const page = kernel().page(pte_pfn(entry))
  if (page !== pagecache && !(yield* folio_trylock(page))) return 'wait'
  yield* folio_get(page)
  const result = yield* fault_locked(fault, entry)
  if (page !== pagecache) yield* folio_unlock(page)
  yield* folio_put(page)
  return result
}

/** The rest of hugetlb_fault(): an entry that is there. */
function* fault_entry(fault: HugetlbFault, mapping: AddressSpace, index: number, entry: Pte): Steps<number | 'wait'> {
  if (!pte_present(entry)) throw new Error('an entry of hugetlbfs is neither none nor present')
  const copies = fault.flags & WRITES && !(fault.vm_flags & VM_MAYSHARE) && !pte_write(entry)
  const pagecache = copies ? yield* filemap_lock_page(mapping, index) : undefined
  yield* huge_pte_lock(fault.pte)
  const result = yield* fault_present(fault, entry, pagecache)
  yield* huge_pte_unlock(fault.pte)
  if (pagecache) {
    yield* folio_unlock(pagecache)
    yield* folio_put(pagecache)
  }
  return result
}

/** mm/hugetlb.c:hugetlb_fault. Returns VM_FAULT_… bits. Nothing migrates or poisons these pages. */
export function* hugetlb_fault(mm: Mm, vma: Vma, address: number, flags: number): Steps<number> {
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  const index = yield* linear_page_index(vma, address)
  yield* mutex_lock(mapping.hugetlb_fault_mutex, 'mutex_lock(hugetlb_fault_mutex)')
  yield* hugetlb_vma_lock_read(vma)
  const pte = yield* huge_pte_alloc(mm, vma, address)
  const fault = { mm, vma, address, flags, pte, vm_flags: yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) }
  const entry = yield* huge_ptep_get(pte.ptep)
  const none = pte_none(entry)
  const result = none ? yield* hugetlb_no_page(fault, mapping, index) : yield* fault_entry(fault, mapping, index, entry)
  yield* hugetlb_vma_unlock_read(vma)
  yield* mutex_unlock(mapping.hugetlb_fault_mutex, 'mutex_unlock(hugetlb_fault_mutex)')
  if (result !== 'wait') return result
  yield* folio_wait_locked(kernel().page(pte_pfn(entry)))
  return 0
}

