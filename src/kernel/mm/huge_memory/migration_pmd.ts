import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { from_migration_entry, is_readable_migration_entry, migration_entry_of } from '../../include/migration_entry.js'
import { PG_anon_exclusive, PG_dirty } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { pte_dirty } from '../../include/pgtable.js'
import { pmd_align } from '../addr_end.js'
import { pmdp_get, set_pmd_at } from '../pgtable.js'
import { pmdp_invalidate } from '../pgtable_generic.js'
import { page_add_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_add_file_rmap } from '../rmap/add_file_rmap.js'
import type { Mapped, Pvmw } from '../rmap/page_vma_mapped_walk.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { page_try_share_anon_rmap } from '../rmap/share_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { mk_huge_pmd } from './mk_huge_pmd.js'

function* is_anon(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) !== 0
}

/** mm/huge_memory.c:set_pmd_migration_entry. Under the PMD lock. False if the page may be pinned: it stays mapped. */
export function* set_pmd_migration_entry(pvmw: Pvmw, at: Mapped, folio: Folio): Steps<boolean> {
  const pmd = yield* pmdp_invalidate(pvmw.mm, at.address, at.pmdp)
  const exclusive = (yield* is_anon(folio)) &&
    ((yield* load(folio.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  if (exclusive && !(yield* page_try_share_anon_rmap(folio, folio))) {
    yield* set_pmd_at(at.pmdp, pmd)
    return false
  }
  if (pte_dirty(pmd)) yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  yield* set_pmd_at(at.pmdp, migration_entry_of(pmd, folio.pfn, exclusive))
  yield* page_remove_rmap(folio, pvmw.vma, true)
  yield* folio_put(folio)
  return true
}

/** mm/huge_memory.c:remove_migration_pmd. Under the PMD lock: the huge page `folio` is mapped where the entry was. */
export function* remove_migration_pmd(pvmw: Pvmw, at: Mapped, folio: Folio): Steps {
  const { vma } = pvmw
  const entry = yield* pmdp_get(at.pmdp)
  yield* folio_get(folio)
  const fresh = mk_huge_pmd(folio, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const dirty = ((yield* load(folio.flags, { label: 'PageDirty(new)' })) & PG_dirty) !== 0
  const pmd = from_migration_entry(fresh, entry, yield* load(vma.vm_flags, { label: 'vma->vm_flags' }), dirty)
  if (yield* is_anon(folio)) {
    yield* page_add_anon_rmap(folio, vma, pmd_align(at.address), !is_readable_migration_entry(entry), true)
  } else yield* page_add_file_rmap(folio, vma, true)
  yield* set_pmd_at(at.pmdp, pmd)
}
