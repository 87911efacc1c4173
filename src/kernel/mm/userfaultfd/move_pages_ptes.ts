import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { rcu_read_lock, rcu_read_unlock } from '../../../machine/rcu.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { EAGAIN, EBUSY, EEXIST, EFAULT, ENOENT } from '../../include/errno.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { type Pmd, type Pte, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import { is_genuine_swap_entry, is_migration_entry, pte_swp_exclusive, swp_offset } from '../../include/swapops.js'
import { has, kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { down_write, down_write_trylock, up_write } from '../../locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { points_to_table } from '../memory/pte_lock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { migration_entry_wait } from '../migrate/migration_entry_wait.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmdp_get, ptep_get } from '../pgtable.js'
import { anon_vma_root, folio_anon_vma } from '../rmap/rmap_walk.js'
import { folio_put } from '../swap/folio_put.js'
import { swap_cache_get_folio } from '../swap_state/swap_cache.js'
import { dst_pte, type MoveEntries, type MovePlaces, src_pte } from './move_places.js'
import { move_present_ptes } from './move_present_ptes.js'
import { has_slot, move_swap_pte, move_zeropage_pte } from './move_swap_pte.js'

/** A locked folio, with a reference, and the entry that it was found by. `rwsem`: of its anon_vma, held for writing. */
interface Held {
  readonly folio: Folio
  readonly pte: Pte
  readonly rwsem?: Cell
}

/** How a round ends: with a number of pages or an error number, or with another round that holds this folio, or none. */
type Round = { readonly moved: number } | { readonly again: Held | undefined }

const table_of = (pmd: Pmd) => (points_to_table(pmd) ? kernel().pmd_pgtable(pmd) : undefined)

function* read_locked(ptl: Cell, ptep: Cell): Steps<Pte> {
  yield* spin_lock(ptl)
  const pte = yield* ptep_get(ptep)
  yield* spin_unlock(ptl)
  return pte
}

function* drop({ folio, rwsem }: Held): Steps {
  if (rwsem) yield* up_write(rwsem, 'anon_vma_unlock_write(src_anon_vma)')
  yield* folio_unlock(folio)
  yield* folio_put(folio)
}

/** The folio of a present entry, with a reference, and whether it is locked already; or a negative error number. */
function* find_folio(at: MoveEntries): Steps<{ readonly held: Held; readonly locked: boolean } | number> {
  yield* spin_lock(at.src.ptl)
  const same = (yield* ptep_get(src_pte(at))) === at.orig_src_pte
  const page = same ? yield* vm_normal_page(at.src_vma, at.src_addr, at.orig_src_pte) : undefined
  const exclusive = page && ((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  if (!page || !exclusive) {
    yield* spin_unlock(at.src.ptl)
    return same ? -EBUSY : -EAGAIN
  }
  const folio = yield* compound_head(page)
  const locked = yield* folio_trylock(folio)
  if (!locked && (yield* folio_test_large(folio))) {
    yield* spin_unlock(at.src.ptl)
    return -EAGAIN
  }
  yield* folio_get(folio)
  yield* spin_unlock(at.src.ptl)
  return { held: { folio, pte: at.orig_src_pte }, locked }
}

/** A huge page becomes small ones first. */
function* split_first({ folio, pte }: Held): Steps<Round> {
  yield* rcu_read_unlock()
  const error = yield* split_huge_page(kernel().page(pte_pfn(pte)))
  yield* drop({ folio: error ? folio : kernel().page(pte_pfn(pte)), pte })
  return error ? { moved: has('uffd-move-split-busy') && error === -EAGAIN ? -EBUSY : error } : { again: undefined }
}

/** Until 6.17 the lock of the anon_vma keeps those away who walk it without the lock of the folio. */
function* with_anon_vma(at: MoveEntries, held: Held): Steps<Round> {
  let { rwsem } = held
  if (!rwsem && !has('anon-walk-folio-locked')) {
    const anon_vma = yield* folio_anon_vma(held.folio)
    if (!anon_vma) return yield* ends(held, -EAGAIN)
    rwsem = (yield* anon_vma_root(anon_vma)).rwsem
    if (!(yield* down_write_trylock(rwsem, 'anon_vma_trylock_write(src_anon_vma)'))) {
      yield* rcu_read_unlock()
      yield* down_write(rwsem, 'anon_vma_lock_write(src_anon_vma)')
      return { again: { ...held, rwsem } }
    }
  }
  const { moved, folio } = yield* move_present_ptes(at, held.folio)
  if (folio) yield* drop(rwsem ? { ...held, rwsem } : held)
  yield* rcu_read_unlock()
  return { moved }
}

function* move_present(at: MoveEntries, before: Held | undefined): Steps<Round> {
  if (pte_pfn(at.orig_src_pte) === kernel().memory.zeroPage.pfn) {
    const moved = yield* move_zeropage_pte(at)
    yield* rcu_read_unlock()
    return { moved }
  }
  let held = before
  if (!held) {
    const found = yield* find_folio(at)
    if (typeof found === 'number') {
      yield* rcu_read_unlock()
      return { moved: found }
    }
    held = found.held
    if (!found.locked) {
      yield* rcu_read_unlock()
      yield* folio_lock(held.folio)
      return { again: held }
    }
  }
  return yield* (yield* folio_test_large(held.folio)) ? split_first(held) : with_anon_vma(at, held)
}

/** What is swapped out. */
function* move_swapped(at: MoveEntries, before: Held | undefined): Steps<Round> {
  const slot = swp_offset(at.orig_src_pte)
  let held = before
  if (!held) {
    const folio = yield* swap_cache_get_folio(slot)
    if (folio && (yield* folio_test_large(folio))) {
      yield* rcu_read_unlock()
      yield* folio_put(folio)
      return { moved: -EBUSY }
    }
    held = folio && { folio, pte: at.orig_src_pte }
    if (folio && has('mutant-uffd-move-folio-first') && !(yield* has_slot(folio, slot))) {
      yield* rcu_read_unlock()
      yield* folio_put(folio)
      return { moved: -EAGAIN }
    }
    if (held && !(yield* folio_trylock(held.folio))) {
      yield* rcu_read_unlock()
      yield* folio_lock(held.folio)
      return { again: held }
    }
  }
  const moved = yield* move_swap_pte(at, held?.folio)
  yield* rcu_read_unlock()
  if (held) yield* drop(held)
  return { moved }
}

function* move_non_present(at: MoveEntries, held: Held | undefined): Steps<Round> {
  if (is_genuine_swap_entry(at.orig_src_pte) && pte_swp_exclusive(at.orig_src_pte)) return yield* move_swapped(at, held)
  yield* rcu_read_unlock()
  if (held) yield* drop(held)
  if (is_genuine_swap_entry(at.orig_src_pte)) return { moved: -EBUSY }
  if (!is_migration_entry(at.orig_src_pte)) return { moved: -EFAULT }
  const { mm, src_vma: vma, src_addr: address, src_pmdp: pmdp, orig_src_pte: orig_pte } = at
  yield* migration_entry_wait({ mm, vma, address, flags: 0, pmdp, ptep: src_pte(at), ptl: at.src.ptl, orig_pte })
  return { moved: -EAGAIN }
}

/** From the tables to the end of one attempt. */
function* round(places: MovePlaces, holes: boolean, held: Held | undefined): Steps<Round> {
  yield* rcu_read_lock()
  const dst_pmdval = yield* pmdp_get(places.dst_pmdp)
  const dst = table_of(dst_pmdval)
  const src = dst && table_of(yield* pmdp_get(places.src_pmdp))
  if (!src) return yield* ends(held, -EAGAIN)
  const at = { ...places, dst, src, dst_pmdval, orig_src_pte: 0 }
  if (!pte_none(yield* read_locked(dst.ptl, dst_pte(at)))) return yield* ends(held, -EEXIST)
  const orig_src_pte = yield* read_locked(src.ptl, src_pte(at))
  if (pte_none(orig_src_pte)) return yield* ends(held, holes ? 1 : -ENOENT)
  if (held && held.pte !== orig_src_pte) return yield* ends(held, -EAGAIN)
  return yield* pte_present(orig_src_pte) ? move_present({ ...at, orig_src_pte }, held) : move_non_present({ ...at, orig_src_pte }, held)
}

function* ends(held: Held | undefined, moved: number): Steps<Round> {
  yield* rcu_read_unlock()
  if (held) yield* drop(held)
  return { moved }
}

/**
 * mm/userfaultfd.c:move_pages_ptes; until 6.17 move_pages_pte, of one page. Pages that went, or a negative error number: -EAGAIN
 * where something has changed meanwhile. `holes`: there may be nothing to move.
 */
export function* move_pages_ptes(places: MovePlaces, holes: boolean): Steps<number> {
  const { mm, src_addr } = places
  const len = has('uffd-move-batch') ? places.len : 1
  yield* mmu_notifier_invalidate_range_start(mm, src_addr, src_addr + len)
  let held: Held | undefined
  for (;;) {
    const result: Round = yield* round(places, holes, held)
    if ('again' in result) held = result.again
    else {
      yield* mmu_notifier_invalidate_range_end(mm, src_addr, src_addr + len)
      return result.moved
    }
  }
}
