import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { VM_FAULT_NOPAGE, type VmFault } from '../../include/fault.js'
import { PG_locked, PG_uptodate } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { is_swap_pmd, pmd_none, pmd_trans_huge, pte_none } from '../../include/pgtable.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { try_get_folio } from '../gup/try_grab_folio.js'
import { do_set_pmd } from '../memory/do_set_pmd.js'
import { do_set_pte } from '../memory/do_set_pte.js'
import { lock_page_table, pte_map_may_fail } from '../memory/pte_lock.js'
import { pmd_install, pmdp_get, pte_alloc_one, pte_free, pte_lockptr, pte_offset_map, ptep_get } from '../pgtable.js'
import { folio_put } from '../swap/folio_put.js'
import { xas_load } from './filemap_get_folio.js'

/** mm/filemap.c:next_uptodate_page, one index: the page locked and with a reference, if that needs no waiting. */
function* try_map_page(mapping: AddressSpace, index: number): Steps<Page | undefined> {
  const page = yield* xas_load(mapping, index)
  if (!page) return undefined
  const folio = yield* compound_head(page)
  if ((yield* load(folio.flags, { label: 'folio_test_locked(folio)' })) & PG_locked) return undefined
  if (!(yield* try_get_folio(page, 1))) return undefined
  const usable = ((yield* load(folio.flags, { label: 'folio_test_uptodate(folio)' })) & PG_uptodate) !== 0
  if (usable && (yield* xas_load(mapping, index)) === page && (yield* folio_trylock(folio))) return page
  yield* folio_put(folio)
  return undefined
}

function* map_page(vmf: VmFault, ptep: Cell, page: Page, address: number): Steps<boolean> {
  const folio = yield* compound_head(page)
  const none = pte_none(yield* ptep_get(ptep))
  if (none) yield* do_set_pte(vmf, ptep, page, address)
  yield* folio_unlock(folio)
  if (!none) yield* folio_put(folio)
  return none
}

/** mm/filemap.c:filemap_map_pmd. True if there is nothing left to do for this fault. */
export function* filemap_map_pmd(vmf: VmFault, page: Page): Steps<boolean> {
  const folio = yield* compound_head(page)
  const pmd = yield* pmdp_get(vmf.pmdp)
  const huge = pmd_trans_huge(pmd) ||
    (pmd_none(pmd) && (yield* folio_test_large(folio)) && (yield* do_set_pmd(vmf, folio)) === 0)
  if (huge) {
    yield* folio_unlock(folio)
    if (pmd_trans_huge(pmd)) yield* folio_put(folio)
    return true
  }
  if (!pmd_none(pmd)) return is_swap_pmd(pmd)
  const unused = yield* pmd_install(vmf.mm, vmf.pmdp, yield* pte_alloc_one())
  if (unused) yield* pte_free(unused)
  return false
}

/**
 * mm/filemap.c:filemap_map_pages. Maps the pages that are there in [start, end] (indexes), `address` being that of the
 * first. VM_FAULT_NOPAGE if that included the page of the fault.
 */
export function* filemap_map_pages(
  vmf: VmFault, mapping: AddressSpace, start: number, end: number, address: number,
): Steps<number> {
  let index = start
  let page: Page | undefined
  for (; index <= end && !page; index++) page = yield* try_map_page(mapping, index)
  if (!page) return 0
  if (yield* filemap_map_pmd(vmf, page)) return VM_FAULT_NOPAGE
  const pmd = yield* lock_page_table(vmf.pmdp, pte_map_may_fail() ? 0 : yield* pmdp_get(vmf.pmdp))
  if (pmd === undefined) {
    const folio = yield* compound_head(page)
    yield* folio_unlock(folio)
    yield* folio_put(folio)
    return VM_FAULT_NOPAGE
  }
  let result = 0
  for (let at = index - 1; at <= end; at++) {
    const next: Page | undefined = at === index - 1 ? page : yield* try_map_page(mapping, at)
    if (!next) continue
    const va = address + at - start
    if ((yield* map_page(vmf, pte_offset_map(pmd, va), next, va)) && va === vmf.address) result = VM_FAULT_NOPAGE
  }
  yield* spin_unlock(pte_lockptr(pmd))
  return result
}
