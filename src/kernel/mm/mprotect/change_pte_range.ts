import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { compound_head } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_anon_exclusive, PG_dirty, PG_swapbacked } from '../../include/page_flags.js'
import { PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import {
  _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_UFFD_WP, type Pmd, type Pte, pte_dirty, pte_mkwrite, pte_modify, pte_none, pte_present, pte_protnone,
  pte_soft_dirty, pte_write, pte_wrprotect,
} from '../../include/pgtable.js'
import { SWP, SWP_SOFT_DIRTY, swp_offset, swp_type, SWP_UFFD_WP, swp_with_type } from '../../include/swapops.js'
import { userfaultfd_pte_wp } from '../../include/userfaultfd.js'
import { VM_SHARED, VM_SOFTDIRTY } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { lock_page_table } from '../memory/pte_lock.js'
import type { MmuGather } from '../../percpu.js'
import { is_cow_mapping } from '../memory/copy_pte.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { tlb_flush_pte_range } from '../mmu_gather/mmu_gather.js'
import { pte_lockptr, pte_offset_map, ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { flush_tlb_batched_pending } from '../rmap/flush_tlb_batched_pending.js'

/** What a change of protection is to do (cp_flags of mm/mprotect.c). */
export interface ChangeProt {
  readonly prot: number
  /** MM_CP_TRY_CHANGE_WRITABLE */
  readonly try_writable: boolean
  /** MM_CP_PROT_NUMA */
  readonly prot_numa: boolean
  /** MM_CP_UFFD_WP and MM_CP_UFFD_WP_RESOLVE; default false. */
  readonly uffd_wp?: boolean
  readonly uffd_wp_resolve?: boolean
}

/** mm/mprotect.c:can_change_pte_writable: the write fault would only set the bit. */
export function* can_change_pte_writable(vma: Vma, address: number, pte: Pte): Steps<boolean> {
  if (pte_protnone(pte) || !pte_dirty(pte)) return false
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (!(vm_flags & VM_SOFTDIRTY) && !pte_soft_dirty(pte)) return false
  if (userfaultfd_pte_wp(vm_flags, pte)) return false
  if (vm_flags & VM_SHARED) return true
  const page = yield* vm_normal_page(vma, address, pte)
  if (!page) return false
  const folio = yield* compound_head(page)
  if (!((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)) return false
  return ((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
}

/** arch/x86/include/asm/tlbflush.h:pte_needs_flush: anything but added rights, and A or D in software. */
export const pte_needs_flush = (old: Pte, now: Pte): boolean => {
  if (!pte_present(old)) return false
  return (old & ~now & ~_PAGE_ACCESSED) !== 0 || ((old ^ now) & ~(_PAGE_ACCESSED | _PAGE_DIRTY)) !== 0
}

/** The protection of a monitor, put on or taken off. The write bit is left to the next fault. */
export const with_uffd_wp = (pte: Pte, { uffd_wp, uffd_wp_resolve }: ChangeProt): Pte => {
  if (uffd_wp) return pte_wrprotect(pte) | _PAGE_UFFD_WP
  return uffd_wp_resolve ? pte & ~_PAGE_UFFD_WP : pte
}

/** The same for an entry that is not present. */
export const with_swp_uffd_wp = (pte: Pte, { uffd_wp, uffd_wp_resolve }: ChangeProt): Pte => {
  if (uffd_wp) return pte | SWP_UFFD_WP
  return uffd_wp_resolve ? pte & ~SWP_UFFD_WP : pte
}

/** The NUMA scanner leaves device memory, KSM pages, pages shared by copy-on-write and dirty ones of files alone. */
function* numa_skips(vma: Vma, address: number, pte: Pte): Steps<boolean> {
  const page = pte_protnone(pte) ? undefined : yield* vm_normal_page(vma, address, pte)
  if (!page || kernel().memory.isDevice(page)) return true
  const folio = yield* compound_head(page)
  if (((yield* load(folio.mapping, { label: 'PageKsm(page)' })) & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM) return true
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (is_cow_mapping(vm_flags) && (yield* folio_ref_count(folio)) !== 1) return true
  return ((yield* load(folio.flags, { label: 'page_is_file_lru(page)' })) & (PG_swapbacked | PG_dirty)) === PG_dirty
}

function* change_present(mm: Mm, tlb: MmuGather, vma: Vma, ptep: Cell, address: number, change: ChangeProt): Steps {
  if (change.prot_numa && (yield* numa_skips(vma, address, yield* ptep_get(ptep)))) return
  const old = yield* ptep_get_and_clear(mm, address, ptep)
  const changed = pte_modify(old, change.prot)
  const kept = with_uffd_wp(change.prot_numa && pte_write(old) ? pte_mkwrite(changed) : changed, change)
  const writable = change.try_writable && !pte_write(kept) && (yield* can_change_pte_writable(vma, address, kept))
  const pte = writable ? pte_mkwrite(kept) : kept
  yield* set_pte_at(ptep, pte)
  if (pte_needs_flush(old, pte)) yield* tlb_flush_pte_range(tlb, address, address + 1)
}

/** Migration and device entries lose their write permission, whoever asks; a fault finds it again when they are restored. */
function* without_write(old: Pte): Steps<Pte> {
  const type = swp_type(old)
  if (type === SWP.MIGRATION_WRITE && has('mutant-mprotect-skips-migration')) return old
  if (type === SWP.MIGRATION_WRITE) {
    const folio = yield* compound_head(kernel().page(swp_offset(old)))
    const anon = (yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON
    return swp_with_type(old, anon ? SWP.MIGRATION_READ_EXCLUSIVE : SWP.MIGRATION_READ)
  }
  if (type === SWP.DEVICE_WRITE) return swp_with_type(old, SWP.DEVICE_READ) & ~SWP_SOFT_DIRTY
  return type === SWP.DEVICE_EXCLUSIVE_WRITE ? swp_with_type(old, SWP.DEVICE_EXCLUSIVE_READ) : old
}

function* change_swap(ptep: Cell, old: Pte, change: ChangeProt): Steps {
  const pte = with_swp_uffd_wp(yield* without_write(old), change)
  if (pte !== old) yield* set_pte_at(ptep, pte)
}

function* change_pte(mm: Mm, tlb: MmuGather, vma: Vma, ptep: Cell, address: number, change: ChangeProt): Steps {
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte)) return
  if (pte_present(pte)) yield* change_present(mm, tlb, vma, ptep, address, change)
  else yield* change_swap(ptep, pte, change)
}

/** mm/mprotect.c:change_pte_range. Flushes are collected in the gather. False: the table has been taken away since it was seen. */
export function* change_pte_range(
  mm: Mm, tlb: MmuGather, vma: Vma, pmdp: Cell, seen: Pmd, address: number, end: number, change: ChangeProt,
): Steps<boolean> {
  const early = has('mutant-batched-look-unlocked')
  if (early) yield* flush_tlb_batched_pending(mm)
  const pmd = yield* lock_page_table(pmdp, seen)
  if (pmd === undefined) return false
  if (!early) yield* flush_tlb_batched_pending(mm)
  yield* arch_enter_lazy_mmu_mode()
  for (let at = address; at < end; at++) yield* change_pte(mm, tlb, vma, pte_offset_map(pmd, at), at, change)
  yield* arch_leave_lazy_mmu_mode()
  yield* spin_unlock(pte_lockptr(pmd))
  return true
}
