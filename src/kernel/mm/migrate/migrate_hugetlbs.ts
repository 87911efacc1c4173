import { load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { down_write_trylock, up_write } from '../../locking/rwsem.js'
import { alloc_huge_page_nodemask } from '../hugetlb/alloc_huge_page.js'
import { folio_putback_hugetlb, SetHPageMigratable } from '../hugetlb/folio_isolate_hugetlb.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { try_to_migrate, TTU_RMAP_LOCKED } from '../rmap/try_to_migrate.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_migrate_copy } from './folio_migrate_copy.js'
import { folio_mapping, folio_migrate_mapping } from './folio_migrate_mapping.js'
import type { MigrateMode } from './migrate_pages.js'
import { remove_migration_ptes } from './remove_migration_ptes.js'

/** mm/migrate.c:move_to_new_folio of these: hugetlbfs_migrate_folio, or migrate_folio if it is anonymous. */
function* move_hugetlb_folio(dst: Folio, src: Folio): Steps<boolean> {
  const mapping = yield* folio_mapping(src)
  if (!(yield* folio_migrate_mapping(mapping, dst, src))) return false
  yield* folio_migrate_copy(dst, src)
  if (mapping) yield* store(src.mapping, 0, { label: 'src->mapping = NULL' })
  return true
}

/** mm/hugetlb.c:hugetlb_page_mapping_lock_write, of a page of a file. The page lock comes later in the order, so it can only be tried. */
function* mapping_lock_write(src: Folio): Steps<AddressSpace | undefined> {
  const mapping = kernel().files.at((yield* load(src.mapping, { label: 'page_mapping(hpage)' })) >>> 2)
  return mapping && (yield* down_write_trylock(mapping.i_mmap_rwsem, 'i_mmap_trylock_write(mapping)')) ? mapping : undefined
}

/** With both locked: a page of a file under i_mmap_rwsem, because a table that it is in may be given up. */
function* move_locked(src: Folio, dst: Folio): Steps<boolean> {
  const mapped = yield* folio_mapped(src)
  const anon = ((yield* load(src.mapping, { label: 'folio_test_anon(src)' })) & PAGE_MAPPING_ANON) !== 0
  const mapping = mapped && !anon ? yield* mapping_lock_write(src) : undefined
  if (mapped && !anon && !mapping) return false
  if (mapped) yield* try_to_migrate(src, mapping ? TTU_RMAP_LOCKED : 0)
  const moved = !(yield* folio_mapped(src)) && (yield* move_hugetlb_folio(dst, src))
  if (mapped) yield* remove_migration_ptes(src, moved ? dst : src, mapping !== undefined)
  if (mapping) yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  return moved
}

/** With the source locked. */
function* lock_and_move(src: Folio, dst: Folio): Steps<boolean> {
  if (!(yield* folio_trylock(dst))) return false
  const moved = yield* move_locked(src, dst)
  yield* folio_unlock(dst)
  if (moved) yield* SetHPageMigratable(dst)
  return moved
}

function* lock_source(src: Folio, wait: boolean): Steps<boolean> {
  if (yield* folio_trylock(src)) return true
  if (wait) yield* folio_lock(src)
  return wait
}

/** mm/migrate.c:unmap_and_move_huge_page. No subpools. 'again': -EAGAIN. */
export function* unmap_and_move_huge_page(src: Folio, pass: number, mode: MigrateMode): Steps<'success' | 'again' | 'nomem'> {
  if ((yield* folio_ref_count(src)) === 1) {
    yield* folio_putback_hugetlb(src)
    return 'success'
  }
  const { nid, unmovable = false } = mode
  const dst = yield* alloc_huge_page_nodemask(nid ?? src.nid, nid !== undefined, unmovable)
  if (!dst) return 'nomem'
  const locked = yield* lock_source(src, pass > 2 && !mode.async)
  const moved = locked && (yield* lock_and_move(src, dst))
  if (locked) yield* folio_unlock(src)
  if (moved) yield* folio_putback_hugetlb(src)
  yield* folio_put(dst)
  return moved ? 'success' : 'again'
}

/** mm/migrate.c:migrate_hugetlbs, before all other folios of the list. Those that could not be moved. */
export function* migrate_hugetlbs(folios: readonly Folio[], mode: MigrateMode): Steps<readonly Folio[]> {
  let again = folios
  for (let pass = 0; pass < kernel().geometry.migratePasses && again.length > 0; pass++) {
    const retry: Folio[] = []
    for (const [i, folio] of again.entries()) {
      const result = yield* unmap_and_move_huge_page(folio, pass, mode)
      if (result === 'nomem') return [...retry, ...again.slice(i)]
      if (result === 'again') retry.push(folio)
    }
    again = retry
  }
  return again
}
