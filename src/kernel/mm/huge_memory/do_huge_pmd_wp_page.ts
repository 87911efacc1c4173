import { load, type Steps } from '../../../engine/model/step.js'
import { handle_userfault } from '../../fs/userfaultfd/handle_userfault.js'
import { FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, VM_FAULT_FALLBACK, VM_FAULT_WRITE, type VmFault } from '../../include/fault.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get, folio_ref_count } from '../../include/page_ref.js'
import { _PAGE_UFFD_WP, type Pmd, pmd_pfn, pte_mkdirty, pte_mkyoung } from '../../include/pgtable.js'
import { userfaultfd_wp } from '../../include/userfaultfd.js'
import { VM_UFFD_WP } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { pmd_align } from '../addr_end.js'
import { pmd_lock, pmd_unlock, pmdp_get } from '../pgtable.js'
import { pmdp_set_access_flags } from '../pgtable_generic.js'
import { page_move_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_trans_huge_mapcount } from '../rmap/mapcount.js'
import { folio_put } from '../swap/folio_put.js'
import { maybe_pmd_mkwrite } from './mk_huge_pmd.js'
import { do_huge_zero_wp_pmd } from './do_huge_zero_wp_pmd.js'
import { huge_fault_of } from './huge_fault.js'
import { __split_huge_pmd } from './split_huge_pmd.js'

/** mm/huge_memory.c:huge_pmd_set_accessed, touch_pmd */
export function* huge_pmd_set_accessed(vmf: VmFault, orig: Pmd): Steps {
  yield* pmd_lock(vmf.mm)
  if ((yield* pmdp_get(vmf.pmdp)) === orig) {
    const write = (vmf.flags & FAULT_FLAG_WRITE) !== 0
    const young = pte_mkyoung(orig)
    yield* pmdp_set_access_flags(vmf.mm, pmd_align(vmf.address), vmf.pmdp, orig, write ? pte_mkdirty(young) : young, write)
  }
  yield* pmd_unlock(vmf.mm)
}

function* reuse(vmf: VmFault, orig: Pmd): Steps<number> {
  const unshare = vmf.flags & FAULT_FLAG_UNSHARE
  if (!unshare) {
    const vm_flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
    const pmd = maybe_pmd_mkwrite(pte_mkdirty(pte_mkyoung(orig)), vm_flags)
    yield* pmdp_set_access_flags(vmf.mm, pmd_align(vmf.address), vmf.pmdp, orig, pmd, true)
  }
  yield* pmd_unlock(vmf.mm)
  return unshare ? 0 : VM_FAULT_WRITE
}

function* is_exclusive(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
}

/** Locks the folio, dropping the PMD lock if it must wait. False if the entry changed meanwhile. */
function* lock_folio(vmf: VmFault, orig: Pmd, folio: Folio): Steps<boolean> {
  if (yield* folio_trylock(folio)) return true
  yield* folio_get(folio)
  yield* pmd_unlock(vmf.mm)
  yield* folio_lock(folio)
  yield* pmd_lock(vmf.mm)
  const same = (yield* pmdp_get(vmf.pmdp)) === orig
  if (!same) {
    yield* pmd_unlock(vmf.mm)
    yield* folio_unlock(folio)
  }
  yield* folio_put(folio)
  return same
}

/** Nobody else refers to the page; until 5.17 (mm/swapfile.c:reuse_swap_page): nobody else maps any part of it. */
function* only_ours(folio: Folio): Steps<boolean> {
  if (!has('3bff7e3f1f16')) return (yield* page_trans_huge_mapcount(folio)) === 1
  return (yield* folio_ref_count(folio)) === 1
}

function* fallback(vmf: VmFault): Steps<number> {
  yield* __split_huge_pmd(vmf.mm, vmf.vma, vmf.pmdp, vmf.address, false)
  return VM_FAULT_FALLBACK
}

/** mm/huge_memory.c:do_huge_pmd_wp_page: reuse the huge page if it is ours alone, else split the mapping and copy small. */
export function* do_huge_pmd_wp_page(vmf: VmFault, orig: Pmd): Steps<number> {
  if (pmd_pfn(orig) === kernel().memory.hugeZeroPage.pfn) {
    const done = has('huge-zero-wp') ? yield* do_huge_zero_wp_pmd(vmf, orig) : VM_FAULT_FALLBACK
    return done & VM_FAULT_FALLBACK ? yield* fallback(vmf) : done
  }
  yield* pmd_lock(vmf.mm)
  if ((yield* pmdp_get(vmf.pmdp)) !== orig) {
    yield* pmd_unlock(vmf.mm)
    return 0
  }
  const folio = kernel().page(pmd_pfn(orig))
  if (yield* is_exclusive(folio)) return yield* reuse(vmf, orig)
  const early = has('mutant-mapcount-before-lock')
  const before = early && (yield* only_ours(folio))
  if (!(yield* lock_folio(vmf, orig, folio))) return 0
  const exclusive = yield* is_exclusive(folio)
  const alone = exclusive || (early ? before : yield* only_ours(folio))
  if (alone && !exclusive) yield* page_move_anon_rmap(folio, folio, vmf.vma)
  yield* folio_unlock(folio)
  if (alone) return yield* reuse(vmf, orig)
  yield* pmd_unlock(vmf.mm)
  return yield* fallback(vmf)
}

/** mm/memory.c:wp_huge_pmd */
export function* wp_huge_pmd(vmf: VmFault, orig: Pmd): Steps<number> {
  const file = yield* load(vmf.vma.vm_file, { label: 'vma_is_anonymous(vma)' })
  if (file) {
    const huge_fault = huge_fault_of(file)
    const done = huge_fault ? yield* huge_fault(vmf) : VM_FAULT_FALLBACK
    return done & VM_FAULT_FALLBACK ? yield* fallback(vmf) : done
  }
  const told = !(vmf.flags & FAULT_FLAG_UNSHARE) && orig & _PAGE_UFFD_WP
  if (told && userfaultfd_wp(yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' }))) return yield* handle_userfault(vmf, VM_UFFD_WP)
  return yield* do_huge_pmd_wp_page(vmf, orig)
}
