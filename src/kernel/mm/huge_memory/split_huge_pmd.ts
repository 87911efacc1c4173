import type { Cell } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, load, setBits, type Steps } from '../../../engine/model/step.js'
import { nth_page } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import type { PageTable } from '../../include/page_table.js'
import { PG_anon_exclusive, PG_dirty, PG_double_map, PG_referenced } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_ref_add } from '../../include/page_ref.js'
import {
  _PAGE_UFFD_WP, is_swap_pmd, pfn_pte, type Pmd, pmd_pfn, pmd_trans_huge, type Pte, pte_dirty, pte_mkold, pte_mksoft_dirty,
  pte_mkdirty, pte_mkspecial, pte_mkwrite, pte_soft_dirty, pte_write, pte_wrprotect, pte_young,
} from '../../include/pgtable.js'
import {
  pte_swp_soft_dirty, SWP, SWP_DIRTY, swp_entry, swp_offset, SWP_SOFT_DIRTY, swp_type, SWP_UFFD_WP, SWP_YOUNG,
} from '../../include/swapops.js'
import { VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { lock_mapped_folio } from './lock_mapped_folio.js'
import { bug } from '../../bug.js'
import { has, kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { flush_tlb_range } from '../../../machine/flush.js'
import { pmd_align } from '../addr_end.js'
import { munlock_vma_page } from '../mlock/mlock_folio.js'
import { mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_only_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_lock, pmd_offset, pmd_populate, pmd_unlock, pmdp_get, set_pte_at } from '../pgtable.js'
import { pgtable_trans_huge_withdraw, pmdp_huge_get_and_clear, pmdp_invalidate } from '../pgtable_generic.js'
import { add_to_subpage_mapcounts, page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { page_try_share_anon_rmap } from '../rmap/share_anon_rmap.js'
import { put_page } from '../swap/folio_put.js'
import { vma_is_special_huge } from './vma_is_special_huge.js'

/** mm/huge_memory.c:__split_huge_zero_page_pmd */
export function* __split_huge_zero_page_pmd(mm: Mm, vma: Vma, haddr: number, pmdp: Cell): Steps {
  yield* pmdp_huge_get_and_clear(mm, haddr, pmdp)
  yield* flush_tlb_range(mm, haddr, haddr + kernel().geometry.ptrsPerPte)
  const table = yield* pgtable_trans_huge_withdraw(mm)
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const entry = pte_mkspecial(pfn_pte(kernel().memory.zeroPage.pfn, prot))
  for (const ptep of table.entries) yield* set_pte_at(ptep, entry)
  yield* pmd_populate(pmdp, table)
}

/** A file's huge page is only unmapped: the next fault maps it again. */
function* split_file_pmd(mm: Mm, vma: Vma, haddr: number, pmdp: Cell): Steps {
  const pmd = yield* pmdp_huge_get_and_clear(mm, haddr, pmdp)
  yield* flush_tlb_range(mm, haddr, haddr + kernel().geometry.ptrsPerPte)
  yield* mmu_notifier_invalidate_range(mm, haddr, haddr + kernel().geometry.ptrsPerPte)
  if ((yield* vma_is_special_huge(vma)) || is_swap_pmd(pmd)) return
  const page = kernel().page(pmd_pfn(pmd))
  if (pte_dirty(pmd)) yield* setBits(page.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  if (pte_young(pmd)) yield* setBits(page.flags, PG_referenced, { label: 'SetPageReferenced(page)' })
  yield* page_remove_rmap(page, vma, true)
  yield* put_page(page)
}

/** What the huge mapping was like, for the small ones. `migration`: migration entries are to be made. */
interface Old {
  readonly folio: Folio
  readonly write: boolean
  readonly young: boolean
  readonly dirty: boolean
  readonly soft_dirty: boolean
  readonly uffd_wp: boolean
  readonly anon_exclusive: boolean
  readonly migration: boolean
}

const fromMigration = (pmd: Pmd): Old => ({
  folio: kernel().page(swp_offset(pmd)),
  write: swp_type(pmd) === SWP.MIGRATION_WRITE,
  young: (pmd & SWP_YOUNG) !== 0,
  dirty: (pmd & SWP_DIRTY) !== 0,
  soft_dirty: pte_swp_soft_dirty(pmd),
  uffd_wp: (pmd & SWP_UFFD_WP) !== 0,
  anon_exclusive: swp_type(pmd) === SWP.MIGRATION_READ_EXCLUSIVE,
  migration: true,
})

/** Takes PRESENT from the entry, which stays huge for everybody who looks, and a reference for every small mapping. */
function* invalidate(mm: Mm, haddr: number, pmdp: Cell, freeze: boolean): Steps<Old> {
  const pmd = yield* pmdp_invalidate(mm, haddr, pmdp)
  const folio = kernel().page(pmd_pfn(pmd))
  if (pte_dirty(pmd)) yield* setBits(folio.flags, PG_dirty, { label: 'SetPageDirty(page)' })
  yield* folio_ref_add(folio, kernel().geometry.ptrsPerPte - 1)
  const anon_exclusive = ((yield* load(folio.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  const migration = freeze && !(anon_exclusive && !(yield* page_try_share_anon_rmap(folio, folio)))
  return {
    folio, anon_exclusive, migration, write: pte_write(pmd), young: pte_young(pmd), dirty: pte_dirty(pmd), soft_dirty: pte_soft_dirty(pmd),
    uffd_wp: (pmd & _PAGE_UFFD_WP) !== 0,
  }
}

const migration_pte = (old: Old, pfn: number): Pte => {
  const readable = old.anon_exclusive ? SWP.MIGRATION_READ_EXCLUSIVE : SWP.MIGRATION_READ
  const bits = (old.young ? SWP_YOUNG : 0) | (old.dirty ? SWP_DIRTY : 0) | (old.soft_dirty ? SWP_SOFT_DIRTY : 0) |
    (old.uffd_wp ? SWP_UFFD_WP : 0)
  return swp_entry(old.write ? SWP.MIGRATION_WRITE : readable, pfn, bits)
}

/** A small mapping is clean, as the huge page was marked dirty; or, since dirty bits are carried over, as dirty as the huge one. */
const present_pte = (old: Old, pfn: number, prot: number, vm_flags: number): Pte => {
  const pte = pfn_pte(pfn, prot)
  const permitted = vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte
  const written = old.write ? permitted : pte_wrprotect(permitted)
  const aged = (old.young ? written : pte_mkold(written)) | (old.uffd_wp ? _PAGE_UFFD_WP : 0)
  const dirtied = old.dirty && has('split-carries-dirty') ? pte_mkdirty(aged) : aged
  return old.soft_dirty ? pte_mksoft_dirty(dirtied) : dirtied
}

function* fill(vma: Vma, table: PageTable, old: Old, already: boolean): Steps {
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  for (const [i, ptep] of table.entries.entries()) {
    const page = nth_page(old.folio, i)
    if (!old.migration && old.anon_exclusive) yield* setBits(page.flags, PG_anon_exclusive, { label: 'SetPageAnonExclusive()' })
    yield* set_pte_at(ptep, old.migration ? migration_pte(old, page.pfn) : present_pte(old, page.pfn, prot, vm_flags))
    if (!already) yield* fetchAdd(page._mapcount, 1, { label: 'page[i]._mapcount++' })
  }
}

/** The PMD mapping becomes PTE mappings in the counts. */
function* move_mapcounts(folio: Folio): Steps {
  const second = nth_page(folio, 1)
  if ((yield* load(folio.compound_mapcount, { label: 'compound_mapcount(page)' })) > 0) {
    const was = yield* setBits(second.flags, PG_double_map, { label: 'TestSetPageDoubleMap()' })
    if (!(was & PG_double_map)) yield* add_to_subpage_mapcounts(folio, 1)
  }
  if ((yield* fetchAdd(folio.compound_mapcount, -1, { label: 'compound_mapcount--' })) !== 0) return
  const was = yield* atomic('TestClearPageDoubleMap()', (m) => {
    const flags = m.get(second.flags)
    m.set(second.flags, flags & ~PG_double_map)
    return flags & PG_double_map
  })
  if (was) yield* add_to_subpage_mapcounts(folio, -1)
}

/** mm/huge_memory.c:__split_huge_pmd_locked. `freeze`: into migration entries, which drop mappings and references. */
export function* __split_huge_pmd_locked(mm: Mm, vma: Vma, pmdp: Cell, haddr: number, freeze: boolean): Steps {
  if (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) return yield* split_file_pmd(mm, vma, haddr, pmdp)
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_pfn(pmd) === kernel().memory.hugeZeroPage.pfn) return yield* __split_huge_zero_page_pmd(mm, vma, haddr, pmdp)
  const already = is_swap_pmd(pmd)
  const old = already ? fromMigration(pmd) : yield* invalidate(mm, haddr, pmdp, freeze)
  const table = yield* pgtable_trans_huge_withdraw(mm)
  yield* fill(vma, table, old, already)
  if (!already) {
    yield* move_mapcounts(old.folio)
    yield* munlock_vma_page(old.folio, vma, true)
  }
  yield* pmd_populate(pmdp, table)
  if (already || !old.migration) return
  for (let i = 0; i < table.entries.length; i++) {
    yield* page_remove_rmap(nth_page(old.folio, i), vma, false)
    yield* put_page(nth_page(old.folio, i))
  }
}

/** A migration entry must be of another folio: this one is locked. It has no struct page that could be looked at. */
function* maps_other(seen: Pmd, pmd: Pmd, folio: Folio): Steps<boolean> {
  if (is_swap_pmd(seen) && has('be6e843fc51a')) return true
  if (is_swap_pmd(pmd)) yield* bug('the page of a migration entry is looked for as if it were mapped')
  return pmd_pfn(pmd) !== folio.pfn
}

/** mm/huge_memory.c:__split_huge_pmd. With a folio, only a mapping of that one. */
export function* __split_huge_pmd(mm: Mm, vma: Vma, pmdp: Cell, address: number, freeze: boolean, folio?: Folio): Steps {
  const haddr = pmd_align(address)
  const end = haddr + kernel().geometry.ptrsPerPte
  yield* mmu_notifier_invalidate_range_start(mm, haddr, end)
  const early = folio && has('mutant-split-looks-early') ? yield* pmdp_get(pmdp) : undefined
  yield* pmd_lock(mm)
  const locked = folio === undefined ? yield* lock_mapped_folio(mm, pmdp) : undefined
  const pmd = yield* pmdp_get(pmdp)
  const other = folio !== undefined && (yield* maps_other(early ?? pmd, pmd, folio))
  if (!other && (pmd_trans_huge(pmd) || is_swap_pmd(pmd))) yield* __split_huge_pmd_locked(mm, vma, pmdp, haddr, freeze)
  yield* pmd_unlock(mm)
  if (locked) yield* folio_unlock(locked)
  yield* mmu_notifier_invalidate_range_only_end(mm, haddr, end)
}

/** mm/huge_memory.c:split_huge_pmd_address */
export const split_huge_pmd_address = (mm: Mm, vma: Vma, address: number, freeze: boolean, folio?: Folio): Steps =>
  __split_huge_pmd(mm, vma, pmd_offset(mm, address), address, freeze, folio)
