import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { PAGE_MAPPING_ANON } from '../../include/page.js'
import {
  is_swap_pmd, type Pmd, pmd_bad, pmd_none, pmd_pfn, pmd_trans_huge, pte_devmap, pte_mkwrite, pte_modify, pte_protnone, pte_write,
} from '../../include/pgtable.js'
import { SWP, swp_offset, swp_type, swp_with_type } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { hugetlb_change_protection } from '../hugetlb/hugetlb_change_protection.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { tlb_flush_pte_range } from '../mmu_gather/mmu_gather.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { pmd_clear_bad, pmdp_huge_get_and_clear, pmdp_invalidate_ad } from '../pgtable_generic.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { change_pte_range, type ChangeProt, pte_needs_flush, with_swp_uffd_wp, with_uffd_wp } from './change_pte_range.js'

/** The present case: never none in between, since MADV_DONTNEED may look without our lock. */
function* change_present_pmd(mm: Mm, tlb: MmuGather, pmdp: Cell, address: number, change: ChangeProt): Steps {
  const seen = yield* pmdp_get(pmdp)
  if (change.prot_numa && (pmd_pfn(seen) === kernel().memory.hugeZeroPage.pfn || pte_protnone(seen))) return
  const old = yield* !has('ced108037c2a') ? pmdp_huge_get_and_clear(mm, address, pmdp) : pmdp_invalidate_ad(mm, address, pmdp)
  const changed = pte_modify(old, change.prot)
  const pmd = with_uffd_wp(change.prot_numa && pte_write(old) ? pte_mkwrite(changed) : changed, change)
  const unlocked = has('mutant-hint-set-unlocked')
  if (unlocked) yield* pmd_unlock(mm)
  yield* set_pmd_at(pmdp, pmd)
  if (unlocked) yield* pmd_lock(mm)
  if (pte_needs_flush(old, pmd)) yield* tlb_flush_pte_range(tlb, address, address + kernel().geometry.ptrsPerPte)
}

/** A writable migration entry without its permission. */
function* readable(pmd: Pmd): Steps<Pmd> {
  const anon = (yield* load(kernel().page(swp_offset(pmd)).mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON
  return swp_with_type(pmd, anon ? SWP.MIGRATION_READ_EXCLUSIVE : SWP.MIGRATION_READ)
}

/** mm/huge_memory.c:change_huge_pmd. False if it is not huge any more. */
export function* change_huge_pmd(mm: Mm, tlb: MmuGather, pmdp: Cell, address: number, change: ChangeProt): Steps<boolean> {
  // A huge page that cannot be moved needs no hint.
  if (change.prot_numa && !kernel().profile.thpMigration && has('e346e6688c4a')) return true
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_get(pmdp)
  const huge = is_swap_pmd(pmd) || pmd_trans_huge(pmd)
  if (is_swap_pmd(pmd)) {
    const changed = with_swp_uffd_wp(swp_type(pmd) === SWP.MIGRATION_WRITE ? yield* readable(pmd) : pmd, change)
    if (changed !== pmd) yield* set_pmd_at(pmdp, changed)
  } else if (huge) yield* change_present_pmd(mm, tlb, pmdp, address, change)
  yield* pmd_unlock(mm)
  return huge
}

/**
 * mm/mprotect.c:pmd_none_or_clear_bad_unless_trans_huge, of an entry that was no migration entry when it was read before. Under the
 * mmap_lock for reading it may be one by now: neither none nor huge, and no pointer to a table, it counts as bad, and is thrown away.
 */
export function* pmd_none_or_clear_bad_unless_trans_huge(pmdp: Cell): Steps<boolean> {
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd)) return true
  if (pmd_trans_huge(pmd)) return false
  if (pmd_bad(pmd)) yield* pmd_clear_bad(pmdp)
  return pmd_bad(pmd)
}

/** Whether there is something to change. Since 6.5 one look decides. */
function* is_populated(pmdp: Cell): Steps<boolean> {
  const pmd = yield* pmdp_get(pmdp)
  if (has('670ddd8cdcbd')) return !pmd_none(pmd)
  return is_swap_pmd(pmd) || pte_devmap(pmd) || !(yield* pmd_none_or_clear_bad_unless_trans_huge(pmdp))
}

/** mm/mprotect.c:change_pmd_range, one entry that is not none. It is looked at again if it has changed before its table was locked. */
export function* change_pmd_range(mm: Mm, tlb: MmuGather, vma: Vma, address: number, next: number, change: ChangeProt): Steps {
  while (!(yield* change_pmd(mm, tlb, vma, address, next, change)));
}

/** One look. False: another one is due. */
function* change_pmd(mm: Mm, tlb: MmuGather, vma: Vma, address: number, next: number, change: ChangeProt): Steps<boolean> {
  const pmdp = pmd_offset(mm, address)
  const pmd = yield* pmdp_get(pmdp)
  if (is_swap_pmd(pmd) || pmd_trans_huge(pmd)) {
    if (next - address !== kernel().geometry.ptrsPerPte) yield* __split_huge_pmd(mm, vma, pmdp, address, false)
    else if (yield* change_huge_pmd(mm, tlb, pmdp, address, change)) return true
  }
  const table = yield* pmd_of_table(pmdp)
  return table === undefined || (yield* change_pte_range(mm, tlb, vma, pmdp, table, address, next, change))
}

/** mm/mprotect.c:change_protection. Who mirrors the address space is told from the first entry on that is not none. */
export function* change_protection(mm: Mm, tlb: MmuGather, vma: Vma, start: number, end: number, change: ChangeProt): Steps {
  if (yield* is_vm_hugetlb_page(vma)) return yield* hugetlb_change_protection(mm, vma, start, end, change.prot)
  let told: number | undefined
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    if (yield* is_populated(pmd_offset(mm, at))) {
      if (told === undefined) yield* mmu_notifier_invalidate_range_start(mm, at, end)
      told ??= at
      yield* change_pmd_range(mm, tlb, vma, at, next, change)
    }
    at = next
  }
  if (told !== undefined) yield* mmu_notifier_invalidate_range_end(mm, told, end)
}
