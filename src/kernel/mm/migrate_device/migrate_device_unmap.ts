import { load, type Steps } from '../../../engine/model/step.js'
import { PageCompound } from '../../include/compound.js'
import { MIGRATE_PFN_MIGRATE, migrate_pfn_to_pfn } from '../../include/migrate_vma.js'
import { PG_lru, PG_private } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_get, folio_ref_count } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { folio_mapping } from '../migrate/folio_migrate_mapping.js'
import { remove_migration_ptes } from '../migrate/remove_migration_ptes.js'
import { folio_mapped, page_mapcount } from '../rmap/mapcount.js'
import { try_to_migrate } from '../rmap/try_to_migrate.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import { lru_add_drain, lru_add_drain_all } from '../swap/lru_add_drain.js'
import { is_locked_by_fault } from './is_locked_by_fault.js'

/** The page of an element; undefined for none. */
export const migrate_pfn_to_page = (mpfn: number): Page | undefined => {
  const pfn = migrate_pfn_to_pfn(mpfn)
  return pfn ? kernel().page(pfn) : undefined
}

/** mm/migrate_device.c:migrate_vma_check_page. Nobody but us, the page cache, mappings and the fault holds the page. */
export function* migrate_vma_check_page(page: Page, fault_page: Page | undefined): Steps<boolean> {
  if (yield* PageCompound(page)) return false
  let extra = 1 + (page === fault_page ? 1 : 0) + (kernel().memory.isDevice(page) ? 1 : 0)
  if (yield* folio_mapping(page)) extra += 1 + ((yield* load(page.flags, { label: 'page_has_private(page)' })) & PG_private ? 1 : 0)
  return (yield* folio_ref_count(page)) - extra <= (yield* page_mapcount(page))
}

/** Isolates the page, and takes what mappings there still are. False if it cannot be migrated. */
function* unmap_page(page: Page, fault_page: Page | undefined): Steps<boolean> {
  const device = kernel().memory.isDevice(page)
  if (!device) {
    if (!(yield* folio_isolate_lru(page))) return false
    yield* folio_put(page)
  }
  if (yield* folio_mapped(page)) yield* try_to_migrate(page, 0)
  if (!(yield* folio_mapped(page)) && (yield* migrate_vma_check_page(page, fault_page))) return true
  if (!device) {
    yield* folio_get(page)
    yield* folio_putback_lru(page)
  }
  return false
}

function* restore(page: Page, fault_page: Page | undefined): Steps {
  yield* remove_migration_ptes(page, page, false)
  if (!is_locked_by_fault(page, fault_page)) yield* folio_unlock(page)
  if (!has('mutant-unmap-keeps-reference')) yield* folio_put(page)
}

/**
 * mm/migrate_device.c:migrate_device_unmap. The pages of the src array, each locked and with a reference, leave all
 * page tables. Those that cannot are mapped again, and their elements are 0 in the result.
 */
export function* migrate_device_unmap(src: readonly number[], fault_page?: Page): Steps<readonly number[]> {
  yield* lru_add_drain()
  const result = [...src]
  let allow_drain = true
  for (const [i, mpfn] of src.entries()) {
    const page = migrate_pfn_to_page(mpfn)
    if (!page) continue
    if (allow_drain && !kernel().memory.isDevice(page) && !((yield* load(page.flags, { label: 'PageLRU(page)' })) & PG_lru)) {
      yield* lru_add_drain_all()
      allow_drain = false
    }
    if (!(yield* unmap_page(page, fault_page))) result[i] = mpfn & ~MIGRATE_PFN_MIGRATE
  }
  for (const [i, mpfn] of result.entries()) {
    const page = migrate_pfn_to_page(mpfn)
    if (!page || mpfn & MIGRATE_PFN_MIGRATE) continue
    yield* restore(page, fault_page)
    result[i] = 0
  }
  return result
}
