import type { Cell } from '../../engine/model/memory.js'
import { atomic, fetchAdd, load, type Step, type Steps, store } from '../../engine/model/step.js'
import { GFP_KERNEL } from '../include/gfp.js'
import type { Mm } from '../include/mm.js'
import { free_table, type PageTable } from '../include/page_table.js'
import { _PAGE_TABLE, type Pmd, pmd_none, type Pte, PFN_SHIFT } from '../include/pgtable.js'
import { kernel } from '../kernel.js'
import { slab_alloc } from '../slab.js'
import { spin_lock, spin_unlock } from '../locking/spinlock.js'
import { __alloc_pages_slowpath } from './vmscan/alloc_slowpath.js'

export const ptep_get = (ptep: Cell): Step => load(ptep, { label: 'pte = ptep_get(ptep)' })
export const pmdp_get = (pmdp: Cell): Step => load(pmdp, { label: 'pmd = pmdp_get(pmdp)' })
export const set_pte_at = (ptep: Cell, pte: Pte): Step<void> => store(ptep, pte, { label: 'set_pte_at(ptep, pte)' })
export const set_pmd_at = (pmdp: Cell, pmd: Pmd): Step<void> => store(pmdp, pmd, { label: 'set_pmd_at(pmdp, pmd)' })

/** The PMD entry for an address: of the one PMD table of the mm, the levels above being folded. */
export const pmd_offset = (mm: Mm, address: number): Cell => mm.pgd.entries[Math.floor(address / kernel().geometry.ptrsPerPte)]!

export const pte_index = (address: number): number => address & (kernel().geometry.ptrsPerPte - 1)

/** The PTE for an address in the table that a PMD word points to. */
export const pte_offset_map = (pmd: Pmd, address: number): Cell => kernel().pmd_pgtable(pmd).entries[pte_index(address)]!

/** The lock lives in the table (SPLIT_PTE_PTLOCKS). */
export const pte_lockptr = (pmd: Pmd): Cell => kernel().pmd_pgtable(pmd).ptl

export const pmd_lockptr = (mm: Mm): Cell => mm.pgd.ptl

export const pmd_lock = (mm: Mm): Step<void> => spin_lock(pmd_lockptr(mm), 'pmd_lock(mm, pmdp)')
export const pmd_unlock = (mm: Mm): Step<void> => spin_unlock(pmd_lockptr(mm), 'spin_unlock(pmd_ptl)')

/** A zeroed table (include/asm-generic/pgalloc.h:pte_alloc_one). */
export function* pte_alloc_one(label = 'table = pte_alloc_one(mm)'): Steps<PageTable> {
  yield* __alloc_pages_slowpath(GFP_KERNEL)
  return yield* zeroed_table(label)
}

const zeroed_table = (label: string): Step<PageTable> =>
  atomic(label, (m) => {
    const table = slab_alloc(m, kernel().tables)
    for (const entry of table.entries) m.set(entry, 0)
    m.set(table.ptl, 0)
    m.set(table.table, 1)
    return table
  }, { lock: { op: 'sleep' } })

/** Gives the table back at once; it may be allocated again by anybody. */
export const pte_free = (table: PageTable): Step<void> =>
  atomic('pte_free(mm, table)', (m) => free_table(m, kernel().tables, table))

export const pmd_populate = (pmdp: Cell, table: PageTable, label = 'pmd_populate(mm, pmdp, table)'): Step<void> =>
  store(pmdp, (table.ref << PFN_SHIFT) | _PAGE_TABLE, { label, order: 'release' })

/** mm/memory.c:pmd_install. Returns the table if another was quicker and it was not used. */
export function* pmd_install(mm: Mm, pmdp: Cell, table: PageTable): Steps<PageTable | undefined> {
  yield* pmd_lock(mm)
  const unused = pmd_none(yield* pmdp_get(pmdp)) ? undefined : table
  if (!unused) {
    yield* fetchAdd(mm.nr_ptes, 1, { label: 'mm_inc_nr_ptes(mm)' })
    yield* pmd_populate(pmdp, table)
  }
  yield* pmd_unlock(mm)
  return unused
}

/** mm/memory.c:__pte_alloc */
export function* __pte_alloc(mm: Mm, pmdp: Cell): Steps {
  const table = yield* pte_alloc_one()
  const unused = yield* pmd_install(mm, pmdp, table)
  if (unused) yield* pte_free(unused)
}

/** include/linux/mm.h:pte_alloc */
export function* pte_alloc(mm: Mm, pmdp: Cell): Steps {
  if (pmd_none(yield* pmdp_get(pmdp))) yield* __pte_alloc(mm, pmdp)
}
