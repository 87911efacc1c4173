import { load, type Steps } from '../../../engine/model/step.js'
import { folio_test_large, nth_page } from '../../include/compound.js'
import { from_migration_entry, is_readable_migration_entry } from '../../include/migration_entry.js'
import { PG_dirty } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { pfn_pte, type Pte, pte_write } from '../../include/pgtable.js'
import { SWP, SWP_SOFT_DIRTY, SWP_UFFD_WP, swp_entry } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { VM_LOCKED, VM_WRITE } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { remove_migration_pmd } from '../huge_memory/migration_pmd.js'
import { linear_page_index } from '../linear_page_index.js'
import { mlock_page_drain_local } from '../mlock/mlock_pagevec.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { page_add_anon_rmap } from '../rmap/add_anon_rmap.js'
import { map_hugetlb_again } from '../rmap/hugetlb_rmap.js'
import { page_add_file_rmap } from '../rmap/add_file_rmap.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, type Pvmw, PVMW_MIGRATION, PVMW_SYNC } from '../rmap/page_vma_mapped_walk.js'
import { rmap_walk } from '../rmap/rmap_walk.js'

/** The page of `folio` for an address: of a large one, by its place in the VMA. */
function* page_at(folio: Folio, vma: Vma, address: number, pgoff: number): Steps<Page> {
  if (folio.hugetlb || !(yield* folio_test_large(folio))) return folio
  return nth_page(folio, (yield* linear_page_index(vma, address)) - pgoff)
}

/** A page of device memory is mapped by an entry that is not present. */
const device_pte = (page: Page, pte: Pte, entry: Pte): Pte =>
  swp_entry(pte_write(pte) ? SWP.DEVICE_WRITE : SWP.DEVICE_READ, page.pfn, entry & (SWP_SOFT_DIRTY | SWP_UFFD_WP))

function* map_again(folio: Folio, page: Page, vma: Vma, at: Mapped): Steps {
  const ptep = at.ptep!
  yield* folio_get(folio)
  const fresh = pfn_pte(page.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const entry = yield* ptep_get(ptep)
  const dirty = ((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & PG_dirty) !== 0
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const pte = from_migration_entry(fresh, entry, has('mutant-restore-ignores-vma') ? vm_flags | VM_WRITE : vm_flags, dirty)
  if (folio.hugetlb) return yield* map_hugetlb_again(folio, vma, at, pte, !is_readable_migration_entry(entry))
  if ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) {
    yield* page_add_anon_rmap(page, vma, at.address, !is_readable_migration_entry(entry), false)
  } else yield* page_add_file_rmap(page, vma, false)
  yield* set_pte_at(ptep, kernel().memory.isDevicePrivate(page) ? device_pte(page, pte, entry) : pte)
  if (vm_flags & VM_LOCKED) yield* mlock_page_drain_local()
}

function* old_walk(old: Folio, vma: Vma, address: number): Steps<Pvmw> {
  return yield* folio_vma_walk(old, vma, address, PVMW_SYNC | PVMW_MIGRATION)
}

/** mm/migrate.c:remove_migration_pte */
export function* remove_migration_pte(folio: Folio, vma: Vma, address: number, old: Folio): Steps<boolean> {
  const pvmw = yield* old_walk(old, vma, address)
  const pgoff = yield* load(old.index, { label: 'folio_pgoff(old)' })
  let at = yield* page_vma_mapped_walk(pvmw)
  while (at) {
    if (at.ptep === undefined) yield* remove_migration_pmd(pvmw, at, folio)
    else yield* map_again(folio, yield* page_at(folio, vma, at.address, pgoff), vma, at)
    at = yield* page_vma_mapped_walk(pvmw, at)
  }
  return true
}

/** mm/migrate.c:remove_migration_ptes: where there are migration entries of `src`, `dst` is mapped. */
export function* remove_migration_ptes(src: Folio, dst: Folio, locked: boolean): Steps {
  yield* rmap_walk(dst, { rmap_one: remove_migration_pte, arg: src, locked })
}
