import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { type Pmd, pmd_pfn, pmd_trans_huge } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { pmd_lock, pmd_unlock, pmdp_get } from '../pgtable.js'
import { folio_put } from '../swap/folio_put.js'

/** Waits for the lock, with the PMD lock dropped meanwhile. False, and not locked, if the entry has changed. */
function* wait_for_lock(mm: Mm, pmdp: Cell, pmd: Pmd, folio: Folio): Steps<boolean> {
  yield* folio_get(folio)
  yield* pmd_unlock(mm)
  yield* folio_lock(folio)
  yield* pmd_lock(mm)
  const same = (yield* pmdp_get(pmdp)) === pmd
  if (!same) yield* folio_unlock(folio)
  yield* folio_put(folio)
  return same
}

/**
 * From 5.8 (c444eb564fb1) to 5.17 mm/huge_memory.c:__split_huge_pmd locked the page, so that who counted its mappings to
 * reuse it, with the page locked, did not see them half-way from the PMD to the PTEs. Called with the PMD lock held.
 */
export function* lock_mapped_folio(mm: Mm, pmdp: Cell): Steps<Folio | undefined> {
  if (has('3bff7e3f1f16') || !has('c444eb564fb1')) return undefined
  for (;;) {
    const pmd = yield* pmdp_get(pmdp)
    if (!pmd_trans_huge(pmd)) return undefined
    const folio = kernel().page(pmd_pfn(pmd))
    if ((yield* folio_trylock(folio)) || (yield* wait_for_lock(mm, pmdp, pmd, folio))) return folio
  }
}
