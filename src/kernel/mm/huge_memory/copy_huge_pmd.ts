import type { Cell } from '../../../engine/model/memory.js'
import { fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import type { PageTable } from '../../include/page_table.js'
import { folio_get } from '../../include/page_ref.js'
import {
  _PAGE_UFFD_WP, is_swap_pmd, type Pmd, pmd_pfn, pmd_trans_huge, pte_mkold, pte_wrprotect,
} from '../../include/pgtable.js'
import { SWP, swp_type, SWP_UFFD_WP, swp_with_type } from '../../include/swapops.js'
import { kernel } from '../../kernel.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import type { ForkVmas } from '../memory/copy_pte.js'
import { pmd_lockptr, pmd_offset, pmdp_get, pte_alloc_one, pte_free, set_pmd_at } from '../pgtable.js'
import { pgtable_trans_huge_deposit, pmdp_set_wrprotect } from '../pgtable_generic.js'
import { page_try_dup_anon_rmap } from '../rmap/dup_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { __split_huge_pmd } from './split_huge_pmd.js'

/** What the child's entry is to be; a migration entry of the parent is changed. Undefined if the entry cannot be shared. */
function* share(fork: ForkVmas, src: Cell, pmd: Pmd): Steps<Pmd | undefined> {
  if (is_swap_pmd(pmd)) {
    if (swp_type(pmd) === SWP.MIGRATION_READ) return pmd & ~SWP_UFFD_WP
    const readable = swp_with_type(pmd, SWP.MIGRATION_READ)
    yield* set_pmd_at(src, readable)
    return readable & ~SWP_UFFD_WP
  }
  if (pmd_pfn(pmd) !== kernel().memory.hugeZeroPage.pfn) {
    const folio = kernel().page(pmd_pfn(pmd))
    yield* folio_get(folio)
    if (!(yield* page_try_dup_anon_rmap(fork.src_mm, folio, folio, true))) {
      yield* folio_put(folio)
      return undefined
    }
  }
  return pte_mkold(pte_wrprotect(pmd)) & ~_PAGE_UFFD_WP
}

function* deposit(fork: ForkVmas, src: Cell, address: number, table: PageTable, pmd: Pmd): Steps {
  yield* fetchAdd(fork.dst_mm.nr_ptes, 1, { label: 'mm_inc_nr_ptes(dst_mm)' })
  yield* pgtable_trans_huge_deposit(fork.dst_mm, table)
  if (!is_swap_pmd(pmd)) yield* pmdp_set_wrprotect(fork.src_mm, address, src)
  yield* set_pmd_at(pmd_offset(fork.dst_mm, address), pmd)
}

/** mm/huge_memory.c:copy_huge_pmd. False if the parent's entry is not huge any more: it is copied by small pages. */
export function* copy_huge_pmd(fork: ForkVmas, src: Cell, address: number): Steps<boolean> {
  if (yield* load(fork.dst_vma.vm_file, { label: 'vma_is_anonymous(dst_vma)' })) return true
  const table = yield* pte_alloc_one()
  yield* spin_lock(pmd_lockptr(fork.dst_mm), 'spin_lock(dst_ptl)')
  yield* spin_lock(pmd_lockptr(fork.src_mm), 'spin_lock(src_ptl)', SINGLE_DEPTH_NESTING)
  const pmd = yield* pmdp_get(src)
  const huge = is_swap_pmd(pmd) || pmd_trans_huge(pmd)
  const shared = huge ? yield* share(fork, src, pmd) : undefined
  if (shared !== undefined) yield* deposit(fork, src, address, table, shared)
  yield* spin_unlock(pmd_lockptr(fork.src_mm), 'spin_unlock(src_ptl)')
  yield* spin_unlock(pmd_lockptr(fork.dst_mm), 'spin_unlock(dst_ptl)')
  if (shared !== undefined) return true
  yield* pte_free(table)
  if (huge) yield* __split_huge_pmd(fork.src_mm, fork.src_vma, src, address, false)
  return false
}
