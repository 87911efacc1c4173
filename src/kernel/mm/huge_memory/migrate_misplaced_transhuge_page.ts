import { cmpxchg, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { __GFP_THISNODE, GFP_TRANSHUGE_LIGHT } from '../../include/gfp.js'
import type { VmFault } from '../../include/fault.js'
import { PG_anon_exclusive, PG_locked, PG_swapbacked } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get, folio_ref_count, set_page_count } from '../../include/page_ref.js'
import { type Pmd, pmd_pfn, pte_mkdirty, pte_mkwrite, pte_write } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock, folio_wait_locked } from '../../locking/folio_lock.js'
import { pmd_align } from '../addr_end.js'
import { folio_migrate_copy } from '../migrate/folio_migrate_copy.js'
import { numa_migrate_prep } from '../migrate/migrate_misplaced_page.js'
import { alloc_hugepage } from '../page_alloc.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { page_add_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_mapcount } from '../rmap/mapcount.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import { mk_huge_pmd } from './mk_huge_pmd.js'
import { clear_hint, lock_same_pmd } from './numa_hint.js'

/*
 * How a huge page moved to the node of its user until 5.13 (c5b5a3dd2c1f): there is no migration entry, the page stays
 * mapped behind the hint while it is copied.
 */

/** mm/migrate.c:numamigrate_isolate_page: mapped once, and held by the caller and the isolation only. */
export function* numamigrate_isolate_page(folio: Folio): Steps<boolean> {
  if ((yield* folio_mapcount(folio)) > 1 || !(yield* folio_isolate_lru(folio))) return false
  if ((yield* folio_ref_count(folio)) !== 3) {
    yield* folio_putback_lru(folio)
    return false
  }
  yield* folio_put(folio)
  return true
}

/** The copy, which nobody else can see yet. */
function* copy_to(dst: Folio, src: Folio): Steps {
  yield* setBits(dst.flags, PG_locked | PG_swapbacked, { label: '__SetPageLocked(new_page)' })
  yield* store(dst.mapping, yield* load(src.mapping, { label: 'page->mapping' }), { label: 'new_page->mapping' })
  yield* store(dst.index, yield* load(src.index, { label: 'page->index' }), { label: 'new_page->index' })
  yield* folio_migrate_copy(dst, src)
}

/** Under the PMD lock: nobody but page table and isolation holds the page, and nobody can get hold of it now. */
function* page_ref_freeze(folio: Folio): Steps<boolean> {
  if (!has('2b4847e73004') || has('mutant-count-before-lock')) return true
  return (yield* cmpxchg(folio._refcount, 2, 0, { label: 'page_ref_freeze(page, 2)' })) === 2
}

function* nobody_holds(folio: Folio): Steps<boolean> {
  return !has('mutant-count-before-lock') || (yield* folio_ref_count(folio)) === 2
}

/** Under the PMD lock, which is dropped: the entry leads to the copy, and the page goes. */
function* replace(vmf: VmFault, orig: Pmd, dst: Folio, src: Folio): Steps {
  const { vma } = vmf
  const pmd = pte_mkdirty(mk_huge_pmd(dst, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  const exclusive = ((yield* load(src.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  yield* page_add_anon_rmap(dst, vma, pmd_align(vmf.address), exclusive, true)
  yield* set_pmd_at(vmf.pmdp, pte_write(orig) ? pte_mkwrite(pmd) : pmd)
  if (has('2b4847e73004') && !has('mutant-count-before-lock')) yield* set_page_count(src, 2)
  yield* page_remove_rmap(src, vma, true)
  yield* pmd_unlock(vmf.mm)
  yield* folio_get(dst)
  yield* folio_putback_lru(dst)
  yield* folio_unlock(dst)
  yield* folio_unlock(src)
  yield* folio_put(src)
  yield* folio_put(src)
}

/** Everything as it was; the caller's reference goes as well. */
function* give_up(dst: Folio, src: Folio): Steps {
  yield* folio_unlock(dst)
  yield* folio_put(dst)
  yield* folio_get(src)
  yield* folio_putback_lru(src)
  yield* folio_unlock(src)
  yield* folio_put(src)
}

/** Not even begun: the hint is taken away. */
function* fail(vmf: VmFault, orig: Pmd, src: Folio): Steps {
  if (yield* lock_same_pmd(vmf, orig)) {
    yield* clear_hint(vmf, orig)
    yield* pmd_unlock(vmf.mm)
  }
  yield* folio_unlock(src)
  yield* folio_put(src)
}

/** mm/migrate.c:migrate_misplaced_transhuge_page. Drops the lock of `src`, and the caller's reference. */
export function* migrate_misplaced_transhuge_page(vmf: VmFault, orig: Pmd, src: Folio, nid: number): Steps {
  const dst = yield* alloc_hugepage(GFP_TRANSHUGE_LIGHT | __GFP_THISNODE, nid)
  if (!dst || !(yield* numamigrate_isolate_page(src))) {
    if (dst) yield* folio_put(dst)
    return yield* fail(vmf, orig, src)
  }
  yield* copy_to(dst, src)
  const free = yield* nobody_holds(src)
  yield* pmd_lock(vmf.mm)
  if (free && (yield* pmdp_get(vmf.pmdp)) === orig && (yield* page_ref_freeze(src))) return yield* replace(vmf, orig, dst, src)
  yield* pmd_unlock(vmf.mm)
  yield* give_up(dst, src)
}

/** mm/huge_memory.c:do_huge_pmd_numa_page until 5.13. Who finds the page locked waits for its migration. */
export function* old_do_huge_pmd_numa_page(vmf: VmFault, orig: Pmd): Steps<number> {
  if (!(yield* lock_same_pmd(vmf, orig))) return 0
  const folio = kernel().page(pmd_pfn(orig))
  const nid = yield* numa_migrate_prep(folio)
  const locked = yield* folio_trylock(folio)
  if (locked && nid === undefined) yield* clear_hint(vmf, orig)
  yield* pmd_unlock(vmf.mm)
  if (locked && nid !== undefined) {
    yield* migrate_misplaced_transhuge_page(vmf, orig, folio, nid)
    return 0
  }
  if (locked) yield* folio_unlock(folio)
  yield* folio_put(folio)
  if (!locked) yield* folio_wait_locked(folio)
  return 0
}
