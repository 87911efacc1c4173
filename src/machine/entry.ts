import type { Cell } from '../engine/model/memory.js'
import { type Steps, xchg } from '../engine/model/step.js'
import { this_cpu } from './cpu.js'
import { arch_flush, collapseRange, type FlushRange } from './flush.js'
import type { AddressSpace, MmContext } from './mm-context.js'

/** One exchange: what most architectures do. */
export function* xchg_entry(_mm: MmContext, entry: Cell, _va: number, value: number, _pages: number): Steps<number> {
  return yield* xchg(entry, value, { label: value === 0 ? 'pte = ptep_get_and_clear(ptep)' : 'pte = xchg(ptep, new)' })
}

/** What an architecture does not have: no step. */
export function* no_step(): Steps {}

/** `mm/pgtable-generic.c:pmdp_collapse_flush`: clear, then flush the small pages below. */
export function* pmdp_clear_flush(mm: MmContext, pmdp: Cell, range: FlushRange): Steps<number> {
  const pmd = yield* xchg(pmdp, 0, { label: 'pmd = pmdp_get_and_clear(pmdp)' })
  yield* arch_flush(mm, range)
  return pmd
}

/** The same where a flush of a range leaves cached upper levels alone unless told. */
export function* pmdp_clear_flush_tables(mm: MmContext, pmdp: Cell, range: FlushRange): Steps<number> {
  return yield* pmdp_clear_flush(mm, pmdp, { ...range, freedTables: true })
}

/** Replaces the entry that maps `pages` pages from `va` on, the way the architecture does. Returns what was there. */
export function* entry_xchg(mm: AddressSpace, entry: Cell, va: number, value: number, pages = 1): Steps<number> {
  const { profile } = (yield* this_cpu()).machine
  return yield* profile.entry_xchg(mm.context, entry, va, value, pages)
}

/** `pmdp_collapse_flush`, generic or the architecture's own, of the table for start <= va < end. Returns its PMD. */
export function* pmdp_collapse_flush(mm: AddressSpace, pmdp: Cell, start: number, end: number): Steps<number> {
  const { profile } = (yield* this_cpu()).machine
  return yield* profile.pmdp_collapse_flush(mm.context, pmdp, collapseRange(start, end))
}

/** `include/linux/pgtable.h:arch_enter_lazy_mmu_mode`. */
export function* arch_enter_lazy_mmu_mode(): Steps {
  const { profile } = (yield* this_cpu()).machine
  yield* profile.arch_enter_lazy_mmu_mode()
}

export function* arch_leave_lazy_mmu_mode(): Steps {
  const { profile } = (yield* this_cpu()).machine
  yield* profile.arch_leave_lazy_mmu_mode()
}
