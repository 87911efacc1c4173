import { fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { type Pte, pmd_mkhuge } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import type { MmuGather } from '../../percpu.js'
import { mmu_notifier_invalidate_range } from '../mmu_notifier.js'
import { tlb_finish_mmu, tlb_gather_mmu_vma } from '../mmu_gather/mmu_gather.js'
import { set_huge_pte_at } from '../hugetlb/huge_pte.js'
import { huge_pmd_unshare, huge_pmd_unshare_flush } from '../hugetlb/huge_pmd_unshare.js'
import { hugetlb_vma_trylock_write, hugetlb_vma_unlock_write } from '../hugetlb/hugetlb_vma_lock.js'
import { __page_set_anon_rmap } from './add_anon_rmap.js'
import type { Mapped, Pvmw } from './page_vma_mapped_walk.js'

/* The rmap of hugetlbfs, whose pages are mapped one level higher. */

/** The whole table goes, because others use it too: it mapped the folio. */
function* unshare(tlb: MmuGather, pvmw: Pvmw, at: Mapped, range: readonly [number, number]): Steps<boolean> {
  const gone = yield* huge_pmd_unshare(tlb, pvmw.mm, at.address, { table: at.table!, ptep: at.ptep! })
  yield* hugetlb_vma_unlock_write(pvmw.vma)
  if (gone) {
    yield* huge_pmd_unshare_flush(pvmw.mm, tlb)
    yield* mmu_notifier_invalidate_range(pvmw.mm, ...range)
  }
  yield* tlb_finish_mmu(pvmw.mm, tlb)
  return gone
}

/**
 * What try_to_migrate_one() does before it clears an entry of a page of a file; the caller of try_to_migrate() holds i_mmap_rwsem.
 * 'busy': the lock of the VMA comes before it, and somebody has it.
 */
export function* unshare_to_migrate(folio: Folio, pvmw: Pvmw, at: Mapped, range: readonly [number, number]): Steps<'busy' | 'unshared' | 'mapped'> {
  if ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) return 'mapped'
  if (!(yield* hugetlb_vma_trylock_write(pvmw.vma))) return 'busy'
  return (yield* unshare(yield* tlb_gather_mmu_vma(pvmw.mm), pvmw, at, range)) ? 'unshared' : 'mapped'
}

/** mm/rmap.c:hugepage_add_anon_rmap */
export function* hugepage_add_anon_rmap(page: Folio, vma: Vma, address: number, exclusive: boolean): Steps {
  const first = (yield* fetchAdd(page.compound_mapcount, 1, { label: 'atomic_inc_and_test(compound_mapcount)' })) === -1
  if (first) yield* __page_set_anon_rmap(page, vma, address, exclusive)
}

/** remove_migration_pte() for a page of hugetlbfs. */
export function* map_hugetlb_again(folio: Folio, vma: Vma, at: Mapped, pte: Pte, exclusive: boolean): Steps {
  if ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) {
    yield* hugepage_add_anon_rmap(folio, vma, at.address, exclusive)
  } else yield* fetchAdd(folio.compound_mapcount, 1, { label: 'page_dup_file_rmap(new, true)' })
  yield* set_huge_pte_at(at.ptep!, pmd_mkhuge(pte))
}
