import { clearBits, load, type Steps, store } from '../../../engine/model/step.js'
import { folio_nr_pages, folio_test_large } from '../../include/compound.js'
import { EAGAIN, EBUSY } from '../../include/errno.js'
import { __GFP_MOVABLE, __GFP_THISNODE, GFP_KERNEL } from '../../include/gfp.js'
import { PG_active, PG_unevictable, PG_writeback } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_FLAGS } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { alloc_hugepage, alloc_page } from '../page_alloc.js'
import { folio_wait_writeback } from '../page-writeback/folio_wait_writeback.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { try_to_migrate } from '../rmap/try_to_migrate.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_add_lru } from '../swap/lru_add.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { folio_migrate_copy } from './folio_migrate_copy.js'
import { migrate_hugetlbs } from './migrate_hugetlbs.js'
import { folio_mapping, folio_migrate_mapping } from './folio_migrate_mapping.js'
import { remove_migration_ptes } from './remove_migration_ptes.js'

/** How hard to try, and what for (enum migrate_mode, enum migrate_reason). */
export interface MigrateMode {
  /** Node to allocate from and from no other; without it, preferably the folio's own. */
  readonly nid?: number
  /** Not from ZONE_MOVABLE (MR_LONGTERM_PIN). */
  readonly unmovable?: boolean
  /** MIGRATE_ASYNC: never wait for a folio lock. */
  readonly async: boolean
  /** Do not split a huge page for which there is no huge target (MR_NUMA_MISPLACED). */
  readonly nosplit: boolean
}

/** Done; -EAGAIN, worth another try; -EBUSY, not now; -ENOMEM; or -ENOSYS, only in pieces. */
export type Migrated = 'success' | 'again' | 'busy' | 'nomem' | 'unsupported'

/** mm/migrate.c:move_to_new_folio. No mapping leads to `src` any more. */
export function* move_to_new_folio(dst: Folio, src: Folio): Steps<boolean> {
  if (!(yield* folio_migrate_mapping(yield* folio_mapping(src), dst, src))) return false
  yield* folio_migrate_copy(dst, src)
  const anon = (yield* load(src.mapping, { label: 'folio_mapping_flags(src)' })) & PAGE_MAPPING_FLAGS
  if (!anon) yield* store(src.mapping, 0, { label: 'src->mapping = NULL' })
  return true
}

/** mm/migrate.c:__migrate_folio_move, after the unmap; drops both locks. */
function* migrate_folio_move(src: Folio, dst: Folio, was_mapped: boolean): Steps<Migrated> {
  const moved = yield* move_to_new_folio(dst, src)
  if (moved) {
    yield* folio_add_lru(dst)
    if (was_mapped) yield* lru_add_drain()
  }
  if (was_mapped) yield* remove_migration_ptes(src, moved ? dst : src, false)
  yield* folio_unlock(dst)
  yield* folio_unlock(src)
  yield* folio_put(dst)
  if (!moved) return 'again'
  yield* folio_put(src)
  return 'success'
}

function* lock_source(src: Folio, wait: boolean): Steps<boolean> {
  if (yield* folio_trylock(src)) return true
  if (wait) yield* folio_lock(src)
  return wait
}

/** What is on its way to the disk is waited for if somebody really wants it. Otherwise: what becomes of this try. */
function* wait_for_writeback(src: Folio, wait: boolean, async: boolean): Steps<Migrated | undefined> {
  if (!((yield* load(src.flags, { label: 'folio_test_writeback(src)' })) & PG_writeback)) return undefined
  if (async) return 'busy'
  if (!wait) return 'again'
  yield* folio_wait_writeback(src)
  return undefined
}

/** mm/migrate.c:__migrate_folio_unmap and __migrate_folio_move. Consumes the reference to `dst`. */
function* unmap_and_move(src: Folio, dst: Folio, wait: boolean, async: boolean): Steps<Migrated> {
  if (!(yield* lock_source(src, wait))) {
    yield* folio_put(dst)
    return 'again'
  }
  const written = yield* wait_for_writeback(src, wait, async)
  if (!written && (yield* folio_trylock(dst))) {
    const was_mapped = (yield* load(src.mapping, { label: 'src->mapping' })) !== 0 && (yield* folio_mapped(src))
    if (was_mapped) yield* try_to_migrate(src, 0)
    if (!(yield* folio_mapped(src))) return yield* migrate_folio_move(src, dst, was_mapped)
    yield* remove_migration_ptes(src, src, false)
    yield* folio_unlock(dst)
  }
  yield* folio_unlock(src)
  yield* folio_put(dst)
  return written ?? 'again'
}

/** mm/migrate.c:alloc_migration_target */
export function* alloc_migration_target(src: Folio, mode: MigrateMode): Steps<Folio | undefined> {
  const { nid = src.nid, unmovable = false } = mode
  const alloc = (yield* folio_test_large(src)) ? alloc_hugepage : alloc_page
  const where = (mode.nid === undefined ? 0 : __GFP_THISNODE) | (unmovable ? 0 : __GFP_MOVABLE)
  return yield* alloc(GFP_KERNEL | where, nid)
}

/** mm/migrate.c:migrate_folio_unmap and migrate_folio_move: one try. The caller isolated the folio. */
function* migrate_folio(src: Folio, pass: number, mode: MigrateMode): Steps<Migrated> {
  if (!kernel().profile.thpMigration && (yield* folio_test_large(src))) return 'unsupported'
  if ((yield* folio_ref_count(src)) === 1) {
    yield* clearBits(src.flags, PG_active | PG_unevictable, { label: 'folio_clear_active(src)' })
    yield* folio_put(src)
    return 'success'
  }
  const dst = yield* alloc_migration_target(src, mode)
  if (!dst) return 'nomem'
  return yield* unmap_and_move(src, dst, pass > 2 && !mode.async, mode.async)
}

/** mm/migrate.c:try_split_folio. 0, or an error number. */
export function* try_split_folio(folio: Folio): Steps<number> {
  yield* folio_lock(folio)
  const error = yield* split_huge_page(folio, { isolated: true })
  yield* folio_unlock(folio)
  return error
}

interface Pass {
  /** Folios to try again. */
  readonly again: readonly Folio[]
  /** Parts of huge pages that were split. */
  readonly parts: readonly Folio[]
  readonly failed: readonly Folio[]
  /** There is no memory: the rest is not tried. */
  readonly stop: boolean
}

/** mm/migrate.c:migrate_pages_batch, one pass over the list. */
function* migrate_pass(folios: readonly Folio[], pass: number, mode: MigrateMode): Steps<Pass> {
  const again: Folio[] = []
  const parts: Folio[] = []
  const failed: Folio[] = []
  for (const [i, folio] of folios.entries()) {
    const nr = yield* folio_nr_pages(folio)
    const result = yield* migrate_folio(folio, pass, mode)
    if (result === 'again') again.push(folio)
    if (result === 'success' || result === 'again') continue
    const split = result === 'unsupported' || (result === 'nomem' && nr > 1 && !mode.nosplit)
    const error = split ? yield* try_split_folio(folio) : -EBUSY
    if (error === 0) {
      for (let n = 0; n < nr; n++) parts.push(kernel().page(folio.pfn + n))
      continue
    }
    if (result === 'nomem' && mode.unmovable && error === -EAGAIN) {
      again.push(folio)
      continue
    }
    if (result !== 'nomem') {
      failed.push(folio)
      continue
    }
    return { again: [], parts: [], failed: [...failed, ...again, ...parts, ...folios.slice(i)], stop: true }
  }
  return { again, parts, failed, stop: false }
}

function* migrate_batch(folios: readonly Folio[], mode: MigrateMode): Steps<Pass> {
  let again = folios
  let parts: readonly Folio[] = []
  let failed: readonly Folio[] = []
  for (let pass = 0; pass < kernel().geometry.migratePasses && again.length > 0; pass++) {
    const done: Pass = yield* migrate_pass(again, pass, mode)
    parts = [...parts, ...done.parts]
    failed = [...failed, ...done.failed]
    if (done.stop) return { ...done, failed: [...parts, ...failed] }
    again = done.again
  }
  return { again: [], parts, failed: [...failed, ...again], stop: false }
}

/**
 * mm/migrate.c:migrate_pages. Moves isolated folios to another node. Returns those that could not be moved: they are
 * still isolated and the caller has to put them back.
 */
export function* migrate_pages(folios: readonly Folio[], mode: MigrateMode): Steps<readonly Folio[]> {
  const left = yield* migrate_hugetlbs(folios.filter(({ hugetlb }) => hugetlb), mode)
  const first = yield* migrate_batch(folios.filter(({ hugetlb }) => !hugetlb), mode)
  if (first.parts.length === 0) return [...left, ...first.failed]
  const second = yield* migrate_batch(first.parts, mode)
  return [...left, ...first.failed, ...second.failed]
}
