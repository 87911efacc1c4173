import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { PageTable } from '../../include/page_table.js'
import type { Pmd, Pte } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { pmdp_get, pte_index } from '../pgtable.js'

/** What UFFDIO_MOVE moves in one go: from one table to another, or within one. */
export interface MovePlaces {
  readonly mm: Mm
  readonly dst_vma: Vma
  readonly src_vma: Vma
  readonly dst_addr: number
  readonly src_addr: number
  /** Pages that may go. */
  readonly len: number
  readonly dst_pmdp: Cell
  readonly src_pmdp: Cell
}

/** The same with its tables found, and what was in the first entries. */
export interface MoveEntries extends MovePlaces {
  readonly dst: PageTable
  readonly src: PageTable
  readonly dst_pmdval: Pmd
  readonly orig_src_pte: Pte
}

export const dst_pte = ({ dst, dst_addr }: MoveEntries, n = 0): Cell => dst.entries[pte_index(dst_addr) + n]!
export const src_pte = ({ src, src_addr }: MoveEntries, n = 0): Cell => src.entries[pte_index(src_addr) + n]!

/** mm/userfaultfd.c:double_pt_lock. In the order of addresses. */
export function* double_pt_lock({ dst, src }: MoveEntries): Steps {
  const [first, second] = dst.ref < src.ref ? [dst, src] : [src, dst]
  yield* spin_lock(first.ptl, 'spin_lock(ptl1)')
  if (second !== first) yield* spin_lock(second.ptl, 'spin_lock(ptl2)', SINGLE_DEPTH_NESTING)
}

/** mm/userfaultfd.c:double_pt_unlock */
export function* double_pt_unlock({ dst, src }: MoveEntries): Steps {
  if (dst !== src) yield* spin_unlock(dst.ptl, 'spin_unlock(dst_ptl)')
  yield* spin_unlock(src.ptl, 'spin_unlock(src_ptl)')
}

/**
 * mm/userfaultfd.c:is_pte_pages_stable: with the locks, whether all is as it was. Where empty tables may go, a destination that is
 * none says nothing of its table.
 */
export function* is_pte_pages_stable(at: MoveEntries): Steps<boolean> {
  if ((yield* load(src_pte(at), { label: 'ptep_get(src_pte) same?' })) !== at.orig_src_pte) return false
  if ((yield* load(dst_pte(at), { label: 'ptep_get(dst_pte) none?' })) !== 0) return false
  return !has('uffd-move-dst-pmd') || (yield* pmdp_get(at.dst_pmdp)) === at.dst_pmdval
}
