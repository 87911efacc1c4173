import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { compound_head } from '../../include/compound.js'
import { FOLL_SPLIT_PMD, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { _PAGE_UFFD_WP, pte_dirty, pte_pfn, pte_present, pte_soft_dirty, pte_write } from '../../include/pgtable.js'
import { SWP, swp_entry, SWP_SOFT_DIRTY, SWP_UFFD_WP } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { get_user_pages } from '../gup/get_user_pages.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_mapped } from './mapcount.js'
import { page_remove_rmap } from './page_remove_rmap.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw } from './page_vma_mapped_walk.js'
import { rmap_walk } from './rmap_walk.js'

/** struct make_exclusive_args: the mapping that the device asked for. */
interface MakeExclusive {
  readonly mm: Mm
  readonly address: number
  readonly owner: object | undefined
  /** Set when that mapping was writable and is replaced. */
  readonly valid: Cell
}

/** One entry: the reference of the mapping stays with what replaces it. False: somebody else has taken the mapping away. */
function* exclude(args: MakeExclusive, pvmw: Pvmw, at: Mapped, folio: Folio): Steps<boolean> {
  const ptep = at.ptep!
  const seen = yield* ptep_get(ptep)
  if (!pte_present(seen)) return false
  const page = kernel().page(pte_pfn(seen))
  const pte = yield* ptep_clear_flush(pvmw.mm, at.address, ptep)
  if (pte_dirty(pte)) yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  if (args.mm === pvmw.mm && args.address === at.address && pte_write(pte)) yield* store(args.valid, 1, { label: 'args->valid = true' })
  const bits = (pte_soft_dirty(pte) ? SWP_SOFT_DIRTY : 0) | (pte & _PAGE_UFFD_WP ? SWP_UFFD_WP : 0)
  yield* set_pte_at(ptep, swp_entry(pte_write(pte) ? SWP.DEVICE_EXCLUSIVE_WRITE : SWP.DEVICE_EXCLUSIVE_READ, page.pfn, bits))
  yield* page_remove_rmap(page, pvmw.vma, false)
  return true
}

/** mm/rmap.c:page_make_device_exclusive_one */
export function* page_make_device_exclusive_one(folio: Folio, vma: Vma, address: number, args: MakeExclusive): Steps<boolean> {
  const pvmw = yield* folio_vma_walk(folio, vma, address, 0)
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, address, pvmw.end, 'exclusive', args.owner)
  let done = true
  let at = yield* page_vma_mapped_walk(pvmw)
  while (at && done) {
    done = yield* exclude(args, pvmw, at, folio)
    if (done) at = yield* page_vma_mapped_walk(pvmw, at)
    else yield* page_vma_mapped_walk_done(pvmw, at)
  }
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, address, pvmw.end)
  return done
}

/** mm/rmap.c:folio_make_device_exclusive. The folio is locked. */
export function* folio_make_device_exclusive(folio: Folio, mm: Mm, address: number, owner: object | undefined): Steps<boolean> {
  if (!((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON)) return false
  const { valid } = kernel().perCpu[(yield* this_cpu()).index]!
  yield* store(valid, 0, { label: 'args.valid = false' })
  yield* rmap_walk(folio, {
    rmap_one: page_make_device_exclusive_one, arg: { mm, address, owner, valid }, until_unmapped: true, only_mapped: true,
  })
  return (yield* load(valid, { label: 'args.valid' })) !== 0 && !(yield* folio_mapped(folio))
}

/** One page: kept, locked and with a reference, or given back. */
function* make_exclusive(page: Page, mm: Mm, address: number, owner: object | undefined): Steps<Page | undefined> {
  const folio = yield* compound_head(page)
  if (folio === page && (yield* folio_trylock(folio))) {
    if (yield* folio_make_device_exclusive(page, mm, address, owner)) return page
    yield* folio_unlock(page)
  }
  yield* folio_put(folio)
  return undefined
}

/**
 * mm/rmap.c:make_device_exclusive_range. The pages from `start` on that only the device may use now, locked and with a
 * reference: undefined for those that it could not have, or an error number. The mmap_lock is held for reading. What the driver maps
 * before it unlocks them is revoked by the next access of a CPU.
 */
export function* make_device_exclusive_range(
  mm: Mm, start: number, nr: number, owner?: object,
): Steps<number | readonly (Page | undefined)[]> {
  const got = yield* get_user_pages(mm, start, nr, FOLL_WRITE | FOLL_SPLIT_PMD)
  if (got.pages.length === 0) return got.error
  const pages: (Page | undefined)[] = []
  for (const [i, page] of got.pages.entries()) pages.push(yield* make_exclusive(page, mm, start + i, owner))
  return pages
}
