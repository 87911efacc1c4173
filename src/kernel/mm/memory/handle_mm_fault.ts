import { load, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_page } from '../../../machine/flush.js'
import { FAULT_FLAG_TRIED, FAULT_FLAG_UNSHARE, FAULT_FLAG_VMA_LOCK, FAULT_FLAG_WRITE, type PteFault, VM_FAULT_FALLBACK, type VmFault } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import {
  is_swap_pmd, type Pmd, pmd_none, pmd_trans_huge, pmd_write, pte_mkdirty, pte_mkyoung, pte_none, pte_present, pte_protnone, pte_write,
} from '../../include/pgtable.js'
import { VM_ACCESS_FLAGS, VM_MAYSHARE, VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { do_huge_pmd_anonymous_page } from '../huge_memory/do_huge_pmd_anonymous_page.js'
import { do_huge_pmd_numa_page } from '../huge_memory/do_huge_pmd_numa_page.js'
import { huge_pmd_set_accessed, wp_huge_pmd } from '../huge_memory/do_huge_pmd_wp_page.js'
import { huge_fault_of } from '../huge_memory/huge_fault.js'
import { hugepage_vma_check } from '../huge_memory/hugepage_vma_check.js'
import { hugetlb_fault } from '../hugetlb/hugetlb_fault.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { pmd_migration_entry_wait } from '../migrate/migration_entry_wait.js'
import { pmd_offset, pmdp_get, pte_lockptr, pte_offset_map, ptep_get } from '../pgtable.js'
import { set_access_flags } from '../pgtable_generic.js'
import { lru_gen_enabled, lru_gen_enter_fault, lru_gen_exit_fault } from '../swap/lru_gen.js'
import { do_anonymous_page } from './do_anonymous_page.js'
import { do_fault } from './do_fault.js'
import { do_numa_page } from './do_numa_page.js'
import { do_swap_page } from './do_swap_page.js'
import { do_wp_page } from './do_wp_page.js'
import { pte_map_may_fail, pte_offset_map_nolock, pte_unmap } from './pte_lock.js'
import { lock_mapped_pte } from './pte_same.js'
import { vmf_anon_prepare } from './vmf_anon_prepare.js'

const WRITES = FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE

function* is_anonymous(vma: Vma): Steps<boolean> {
  return (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) === 0
}

function* is_accessible(vma: Vma): Steps<boolean> {
  return ((yield* load(vma.vm_flags, { label: 'vma_is_accessible(vma)' })) & VM_ACCESS_FLAGS) !== 0
}

/** The entry permits nothing yet, or the walk found no table. */
function* fault_none(vmf: VmFault): Steps<number> {
  return (yield* is_anonymous(vmf.vma)) ? yield* do_anonymous_page(vmf) : yield* do_fault(vmf)
}

/** A present entry: a copy is due, or only its bits. */
function* fault_present(vmf: PteFault): Steps<number> {
  if (!(yield* lock_mapped_pte(vmf))) return 0
  const { ptep, ptl, orig_pte } = vmf
  if (vmf.flags & WRITES && !pte_write(orig_pte)) return yield* do_wp_page(vmf)
  const write = (vmf.flags & FAULT_FLAG_WRITE) !== 0
  const pte = pte_mkyoung(write ? pte_mkdirty(orig_pte) : orig_pte)
  const changed = yield* set_access_flags(vmf.mm, vmf.address, ptep, orig_pte, pte, write)
  if (!changed && write && !(vmf.flags & FAULT_FLAG_TRIED) && kernel().profile.spuriousFaultFlushes) {
    yield* flush_tlb_page(vmf.mm, vmf.address)
  }
  yield* spin_unlock(ptl)
  return 0
}

/** mm/memory.c:handle_pte_fault */
export function* handle_pte_fault(vmf: VmFault): Steps<number> {
  const seen = yield* pmdp_get(vmf.pmdp)
  if (pmd_none(seen)) return yield* fault_none(vmf)
  const pmd = yield* mapped_table(vmf, seen)
  if (pmd === undefined) return 0
  const ptep = pte_offset_map(pmd, vmf.address)
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte)) {
    yield* pte_unmap()
    return yield* fault_none(vmf)
  }
  const entry = { ...vmf, ptep, ptl: pte_lockptr(pmd), orig_pte: pte }
  if (!pte_present(pte)) {
    yield* pte_unmap()
    return yield* do_swap_page(entry)
  }
  if (pte_protnone(pte) && (yield* is_accessible(vmf.vma))) return yield* do_numa_page(entry)
  return yield* fault_present(entry)
}

/** The table that is looked into; since 6.5 the PMD is read again for it. Undefined if there is none. */
function* mapped_table(vmf: VmFault, seen: Pmd): Steps<Pmd | undefined> {
  if (pte_map_may_fail()) return yield* pte_offset_map_nolock(vmf.pmdp)
  return pmd_trans_huge(seen) || is_swap_pmd(seen) ? undefined : seen
}

/** Faults on a huge entry; VM_FAULT_FALLBACK goes on with small ones. */
function* handle_huge(vmf: VmFault, pmd: Pmd): Steps<number> {
  if (pte_protnone(pmd) && (yield* is_accessible(vmf.vma))) return yield* do_huge_pmd_numa_page(vmf, pmd)
  if (vmf.flags & WRITES && !pmd_write(pmd)) return yield* wp_huge_pmd(vmf, pmd)
  yield* huge_pmd_set_accessed(vmf, pmd)
  return 0
}

/** mm/memory.c:create_huge_pmd, where hugepage_vma_check() permits. It has refused PFN mappings only since 5.18. */
export function* create_huge_pmd(vmf: VmFault, vm_flags: number): Steps<number> {
  const special = (vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) !== 0 && !has('0d979509539e')
  if (!special && !(yield* hugepage_vma_check(vmf.vma, vm_flags, { smaps: false, in_pf: true, enforce_sysfs: true }))) return VM_FAULT_FALLBACK
  const file = yield* load(vmf.vma.vm_file, { label: 'vma_is_anonymous(vma)' })
  if (!file) return yield* do_huge_pmd_anonymous_page(vmf)
  const huge_fault = huge_fault_of(file)
  return huge_fault ? yield* huge_fault(vmf) : VM_FAULT_FALLBACK
}

/** mm/memory.c:handle_mm_fault. The mmap_lock is held for reading or, with FAULT_FLAG_VMA_LOCK, the VMA is locked. Returns VM_FAULT_… bits. */
export function* handle_mm_fault(mm: Mm, vma: Vma, address: number, flags: number): Steps<number> {
  if (!lru_gen_enabled()) return yield* do_handle_mm_fault(mm, vma, address, flags)
  yield* lru_gen_enter_fault(vma)
  const result = yield* do_handle_mm_fault(mm, vma, address, flags)
  yield* lru_gen_exit_fault()
  return result
}

function* do_handle_mm_fault(mm: Mm, vma: Vma, address: number, flags: number): Steps<number> {
  if (!(yield* is_vm_hugetlb_page(vma))) return yield* __handle_mm_fault(mm, vma, address, flags)
  return (yield* hugetlb_anon_prepare(mm, vma, flags)) || (yield* hugetlb_fault(mm, vma, address, flags))
}

/** What hugetlb_no_page() and hugetlb_wp() do for a private mapping, before they have locked anything. */
function* hugetlb_anon_prepare(mm: Mm, vma: Vma, flags: number): Steps<number> {
  if (!(flags & FAULT_FLAG_VMA_LOCK) || (yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_MAYSHARE) return 0
  return yield* vmf_anon_prepare({ mm, vma, flags })
}

/** mm/memory.c:__handle_mm_fault */
export function* __handle_mm_fault(mm: Mm, vma: Vma, address: number, flags: number): Steps<number> {
  const pmdp = pmd_offset(mm, address)
  const vmf: VmFault = { mm, vma, address, flags, pmdp }
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd)) {
    const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
    const done = yield* create_huge_pmd(vmf, vm_flags)
    if (!(done & VM_FAULT_FALLBACK)) return done
  } else if (is_swap_pmd(pmd)) {
    yield* pmd_migration_entry_wait(mm, pmdp)
    return 0
  } else if (pmd_trans_huge(pmd)) {
    const done = yield* handle_huge(vmf, pmd)
    if (!(done & VM_FAULT_FALLBACK)) return done
  }
  return yield* handle_pte_fault(vmf)
}
