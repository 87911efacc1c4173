import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'

/** What a pmd_entry() wants done: go on to the entries below, leave them out, or look at the PMD again (enum page_walk_action). */
export type PageWalkAction = 'ACTION_SUBTREE' | 'ACTION_CONTINUE' | 'ACTION_AGAIN'

/** struct mm_walk_ops. A number that is not 0 ends the walk and is its result. `P`: what the callbacks get of the caller. */
export interface MmWalkOps<P = undefined> {
  /** For each PMD that is not none. It may find a table, a huge page, or a migration entry. No lock is held. */
  pmd_entry?(pmdp: Cell, start: number, end: number, walk: MmWalk<P>): Steps<PageWalkAction | number>
  /** For each PTE, none or not, under the page-table lock. A huge page is split first. */
  pte_entry?(ptep: Cell, address: number, walk: MmWalk<P>): Steps
  pte_hole?(start: number, end: number, walk: MmWalk<P>): Steps<number>
  /** False: this VMA is left out. Default: those of PFNs are. */
  test_walk?(walk: MmWalk<P>): Steps<boolean>
  /** Before and after the part of a VMA from `start` to `end` is walked. */
  pre_vma?(start: number, end: number, walk: MmWalk<P>): Steps
  post_vma?(start: number, end: number, walk: MmWalk<P>): Steps
}

/** struct mm_walk. What callbacks keep between calls is in cells. */
export interface MmWalk<P = undefined> {
  readonly ops: MmWalkOps<P>
  readonly mm: Mm
  /** Undefined in a hole between VMAs, and for walk_page_range_novma(). */
  readonly vma: Vma | undefined
  readonly no_vma: boolean
  readonly private: P
}
