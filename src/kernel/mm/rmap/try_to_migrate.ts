import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { migration_entry_of, migration_entry_of_device } from '../../include/migration_entry.js'
import { PG_anon_exclusive, PG_dirty } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { type Pte, pte_dirty, pte_pfn, pte_present } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { VM_LOCKED } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { split_huge_pmd_address } from '../huge_memory/split_huge_pmd.js'
import { set_pmd_migration_entry } from '../huge_memory/migration_pmd.js'
import { range_with_shared } from '../hugetlb/unmap_hugepage_range.js'
import { mlock_page_drain_local } from '../mlock/mlock_pagevec.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { type Mapped, folio_vma_walk, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw, PVMW_SYNC } from './page_vma_mapped_walk.js'
import { first_after_split } from './first_after_split.js'
import { page_remove_rmap } from './page_remove_rmap.js'
import { unshare_to_migrate } from './hugetlb_rmap.js'
import { rmap_walk } from './rmap_walk.js'
import { page_try_share_anon_rmap } from './share_anon_rmap.js'

/** enum ttu_flags (include/linux/rmap.h). */
export const TTU_SPLIT_HUGE_PMD = 0x4
export const TTU_SYNC = 0x10
export const TTU_RMAP_LOCKED = 0x80

function* is_anon_exclusive(folio: Folio, page: Page): Steps<boolean> {
  if (!((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON)) return false
  return ((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
}

/** What replaces the cleared entry. Undefined if the page may be pinned: the entry has to come back. */
function* replacement(folio: Folio, page: Page, pte: Pte, exclusive: boolean): Steps<Pte | undefined> {
  if (exclusive && !(yield* page_try_share_anon_rmap(folio, page))) return undefined
  return pte_present(pte) ? migration_entry_of(pte, page.pfn, exclusive) : migration_entry_of_device(pte, page.pfn, exclusive)
}

/** One PTE. False ends the walk: the page stays mapped here. */
function* migrate_pte(folio: Folio, pvmw: Pvmw, at: Mapped): Steps<boolean> {
  const ptep = at.ptep!
  const seen = yield* ptep_get(ptep)
  const page = pte_present(seen) ? kernel().page(pte_pfn(seen)) : folio
  const exclusive = yield* is_anon_exclusive(folio, page)
  const early = has('mutant-share-before-clear')
  if (early && exclusive && !(yield* page_try_share_anon_rmap(folio, page))) return false
  const pte = yield* ptep_clear_flush(pvmw.mm, at.address, ptep)
  if (pte_present(pte) && pte_dirty(pte)) yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  const entry = yield* replacement(folio, page, pte, exclusive && !early)
  yield* set_pte_at(ptep, entry ?? pte)
  if (entry === undefined) return false
  yield* page_remove_rmap(page, pvmw.vma, false)
  const vm_flags = yield* load(pvmw.vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & VM_LOCKED) yield* mlock_page_drain_local()
  yield* folio_put(folio)
  return true
}

/** The range that subscribers are told of: of hugetlbfs all that a shared table may map. */
type Range = readonly [start: number, end: number]

function* migrate_mappings(folio: Folio, pvmw: Pvmw, range: Range, split: boolean): Steps<boolean> {
  let at = split ? yield* first_after_split(pvmw, true) : yield* page_vma_mapped_walk(pvmw)
  while (at) {
    const unshared = folio.hugetlb ? yield* unshare_to_migrate(folio, pvmw, at, range) : 'mapped'
    if (unshared !== 'mapped') {
      yield* page_vma_mapped_walk_done(pvmw, at)
      return unshared === 'unshared'
    }
    const done = at.ptep === undefined ? yield* set_pmd_migration_entry(pvmw, at, folio) : yield* migrate_pte(folio, pvmw, at)
    if (!done) {
      yield* page_vma_mapped_walk_done(pvmw, at)
      return false
    }
    at = yield* page_vma_mapped_walk(pvmw, at)
  }
  return true
}

/** mm/rmap.c:try_to_migrate_one */
export function* try_to_migrate_one(folio: Folio, vma: Vma, address: number, flags: number): Steps<boolean> {
  const pvmw = yield* folio_vma_walk(folio, vma, address, flags & TTU_SYNC ? PVMW_SYNC : 0)
  const split = (flags & TTU_SPLIT_HUGE_PMD) !== 0
  const late = has('migrate-splits-in-walk')
  if (split && !late) yield* split_huge_pmd_address(pvmw.mm, vma, address, true, folio)
  const range: Range = folio.hugetlb ? yield* range_with_shared(vma, address, pvmw.end) : [address, pvmw.end]
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, ...range)
  const done = yield* migrate_mappings(folio, pvmw, range, split && late)
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, ...range)
  return done
}

/** mm/rmap.c:try_to_migrate: replaces every mapping of the locked folio by a migration entry, or gives up half-way. */
export function* try_to_migrate(folio: Folio, flags: number): Steps {
  yield* rmap_walk(folio, {
    rmap_one: try_to_migrate_one, arg: flags, until_unmapped: true, only_mapped: true, locked: (flags & TTU_RMAP_LOCKED) !== 0,
  })
}
