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
import { HPAGE_RESV_UNMAPPED } from '../../include/resv_map.js'
import { is_migration_entry } from '../../include/swapops.js'
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
import { alloc_huge_page, ClearHPageRestoreReserve, restore_reserve_on_error } from './alloc_huge_page.js'
import { SetHPageMigratable } from './folio_isolate_hugetlb.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get, make_huge_pte, set_huge_pte_at } from './huge_pte.js'
import { huge_pte_alloc } from './huge_pmd_share.js'
import { hugetlb_vma_lock_read, hugetlb_vma_unlock_read } from './hugetlb_vma_lock.js'
import { hugetlb_wp } from './hugetlb_wp.js'
import { migration_entry_wait_huge } from './migration_entry_wait_huge.js'
import { is_vma_resv_set } from './resv_map.js'

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
  /** What the entry was, with the locks. */
  readonly entry: Pte
  /** The file, and the place in it. */
  readonly mapping: AddressSpace
  readonly index: number
}

const WRITES = FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE

/** mm/hugetlb.c:hugetlb_add_to_page_cache; the page cache holds a reference. The folio is locked. */
export function* hugetlb_add_to_page_cache(page: Folio, mapping: AddressSpace, index: number): Steps {
  yield* setBits(page.flags, PG_locked, { label: '__folio_set_locked(folio)' })
  yield* folio_get(page)
  yield* store(page.mapping, mapping.ref << 2, { label: 'folio->mapping = mapping' })
  yield* store(page.index, index, { label: 'folio->index = index' })
  yield* store(mapping.i_pages[index]!, page.pfn + 1, { label: 'xas_store(folio)' })
  yield* fetchAdd(mapping.nrpages, 1, { label: 'mapping->nrpages++' })
  yield* ClearHPageRestoreReserve(page)
  yield* setBits(page.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
}

/** mm/hugetlb.c:hugetlb_pte_stable. Looks again with the table locked: migration clears an entry before it writes it. */
export function* hugetlb_pte_stable({ pte, entry }: HugetlbFault): Steps<boolean> {
  yield* huge_pte_lock(pte)
  const same = (yield* huge_ptep_get(pte.ptep)) === entry
  yield* huge_pte_unlock(pte)
  return same
}

/** A zeroed page, locked: in the page cache, or for this VMA alone. A VM_FAULT_… code if there is none. */
function* new_page(fault: HugetlbFault): Steps<Folio | number> {
  const { mapping, index } = fault
  if (index >= (yield* load(mapping.i_size, { label: 'i_size_read(inode)' }))) return VM_FAULT_SIGBUS
  const page = yield* alloc_huge_page(fault.vma, fault.address, false)
  if (!page) return (yield* hugetlb_pte_stable(fault)) ? VM_FAULT_SIGBUS : 0
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
  if (anon) {
    yield* ClearHPageRestoreReserve(page)
    yield* hugepage_add_new_anon_rmap(page, vma, address)
  } else yield* fetchAdd(page.compound_mapcount, 1, { label: 'page_dup_file_rmap(page, true)' })
  yield* set_huge_pte_at(pte.ptep, yield* make_huge_pte(vma, page, (vm_flags & VM_WRITE) !== 0 && (vm_flags & VM_SHARED) !== 0))
  return fault.flags & FAULT_FLAG_WRITE && !(vm_flags & VM_SHARED) ? yield* hugetlb_wp(fault, page) : 0
}

/** Nobody uses a page that another was quicker than, unless it is in the page cache. */
function* back_out(fault: HugetlbFault, page: Folio, fresh: boolean): Steps<number> {
  yield* huge_pte_unlock(fault.pte)
  if (fresh) yield* restore_reserve_on_error(fault.vma, fault.address, page)
  yield* folio_unlock(page)
  yield* folio_put(page)
  return 0
}

/** mm/hugetlb.c:hugetlb_no_page */
export function* hugetlb_no_page(fault: HugetlbFault): Steps<number> {
  if (!(fault.vm_flags & VM_MAYSHARE) && (yield* is_vma_resv_set(fault.vma, HPAGE_RESV_UNMAPPED))) return VM_FAULT_SIGBUS
  const cached = yield* filemap_lock_page(fault.mapping, fault.index)
  const page = cached ?? (yield* new_page(fault))
  if (typeof page === 'number') return page
  const anon = !cached && !(fault.vm_flags & VM_MAYSHARE)
  yield* huge_pte_lock(fault.pte)
  if ((yield* huge_ptep_get(fault.pte.ptep)) !== fault.entry) return yield* back_out(fault, page, anon)
  const result = yield* map_page(fault, page, anon)
  yield* huge_pte_unlock(fault.pte)
  if (!cached) yield* SetHPageMigratable(page)
  yield* folio_unlock(page)
  return result
}

/** The entry permits too little, or only its bits are due. The table and the page are locked. */
function* fault_locked(fault: HugetlbFault, pagecache: Folio | undefined): Steps<number> {
  const { mm, address, flags, pte, entry } = fault
  if (flags & WRITES && !pte_write(entry)) return yield* hugetlb_wp(fault, pagecache)
  const write = (flags & FAULT_FLAG_WRITE) !== 0
  yield* set_access_flags(mm, address, pte.ptep, entry, pte_mkyoung(write ? pte_mkdirty(entry) : entry), write)
  return 0
}

/** The page of a present entry. 'wait': somebody has it locked; the access is tried again when it is not. */
function* fault_present(fault: HugetlbFault, pagecache: Folio | undefined): Steps<number | 'wait'> {
  const { entry } = fault
  if ((yield* huge_ptep_get(fault.pte.ptep)) !== entry) return 0
  const page = kernel().page(pte_pfn(entry))
  if (page !== pagecache && !(yield* folio_trylock(page))) return 'wait'
  yield* folio_get(page)
  const result = yield* fault_locked(fault, pagecache)
  if (page !== pagecache) yield* folio_unlock(page)
  yield* folio_put(page)
  return result
}

/** The rest of hugetlb_fault(): an entry that is there. One for migration is left to the next fault. */
function* fault_entry(fault: HugetlbFault): Steps<number | 'wait'> {
  const { entry, mapping, index } = fault
  if (!pte_present(entry)) return 0
  const copies = fault.flags & WRITES && !(fault.vm_flags & VM_MAYSHARE) && !pte_write(entry)
  const pagecache = copies ? yield* filemap_lock_page(mapping, index) : undefined
  yield* huge_pte_lock(fault.pte)
  const result = yield* fault_present(fault, pagecache)
  yield* huge_pte_unlock(fault.pte)
  if (pagecache) {
    yield* folio_unlock(pagecache)
    yield* folio_put(pagecache)
  }
  return result
}

/** A first look without locks. True if it was a migration, which is over now. */
function* waited_for_migration(mm: Mm, address: number): Steps<boolean> {
  const pte = yield* huge_pte_offset(mm, address)
  if (!pte || !is_migration_entry(yield* huge_ptep_get(pte.ptep))) return false
  yield* migration_entry_wait_huge(pte)
  return true
}

/** mm/hugetlb.c:hugetlb_fault. Returns VM_FAULT_… bits. Nothing poisons these pages. */
export function* hugetlb_fault(mm: Mm, vma: Vma, address: number, flags: number): Steps<number> {
  if (yield* waited_for_migration(mm, address)) return 0
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  const index = yield* linear_page_index(vma, address)
  const mutex = mapping.hugetlb_fault_mutex[index]!
  yield* mutex_lock(mutex, 'mutex_lock(hugetlb_fault_mutex)')
  yield* hugetlb_vma_lock_read(vma)
  const pte = yield* huge_pte_alloc(mm, vma, address)
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const entry = yield* huge_ptep_get(pte.ptep)
  const fault = { mm, vma, address, flags, pte, vm_flags, entry, mapping, index }
  const result = pte_none(entry) ? yield* hugetlb_no_page(fault) : yield* fault_entry(fault)
  yield* hugetlb_vma_unlock_read(vma)
  yield* mutex_unlock(mutex, 'mutex_unlock(hugetlb_fault_mutex)')
  if (result !== 'wait') return result
  yield* folio_wait_locked(kernel().page(pte_pfn(entry)))
  return 0
}
