import type { Cell } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import { pmd_trans_huge } from '../include/pgtable.js'
import { has, kernel } from '../kernel.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../locking/mmap_lock.js'
import type { MmWalkOps, PageWalkAction } from './pagewalk/mm_walk.js'
import { walk_page_range_novma } from './pagewalk/walk_page_range.js'
import { pmdp_get, ptep_get } from './pgtable.js'

/** mm/ptdump.c:ptdump_pmd_entry */
export function* ptdump_pmd_entry(pmdp: Cell): Steps<PageWalkAction> {
  return pmd_trans_huge(yield* pmdp_get(pmdp)) ? 'ACTION_CONTINUE' : 'ACTION_SUBTREE'
}

/** mm/ptdump.c:ptdump_pte_entry */
export function* ptdump_pte_entry(ptep: Cell): Steps {
  yield* ptep_get(ptep)
}

/** mm/ptdump.c:ptdump_ops */
export const ptdump_ops: MmWalkOps = { pmd_entry: ptdump_pmd_entry, pte_entry: ptdump_pte_entry }

/** mm/ptdump.c:ptdump_walk_pgd: all page tables of an address space are read, for /sys/kernel/debug/page_tables. */
export function* ptdump_walk_pgd(mm: Mm): Steps {
  const lock = has('mutant-ptdump-unlocked') ? 'none' : !has('8782fb61cc84') ? 'read' : 'write'
  if (lock === 'write') yield* mmap_write_lock(mm)
  else if (lock === 'read') yield* mmap_read_lock(mm)
  yield* walk_page_range_novma(mm, 0, kernel().taskSize, ptdump_ops, undefined)
  if (lock === 'write') yield* mmap_write_unlock(mm)
  else if (lock === 'read') yield* mmap_read_unlock(mm)
}
