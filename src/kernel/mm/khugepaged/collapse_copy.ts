import type { Cell } from '../../../engine/model/memory.js'
import { type Steps, store } from '../../../engine/model/step.js'
import { nth_page, PageCompound } from '../../include/compound.js'
import type { Folio, Page } from '../../include/page.js'
import { type Pmd, pte_none, pte_pfn } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { clear_page, copy_page } from '../copy_page.js'
import { pte_lockptr, ptep_get } from '../pgtable.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { put_page } from '../swap/folio_put.js'
import { folio_putback_lru } from '../swap/isolate_lru.js'
import { free_swap_cache } from '../swapfile/folio_free_swap.js'

const ptep_clear = (ptep: Cell) => store(ptep, 0, { label: 'ptep_clear(ptep)' })

function* clear_one(ptep: Cell, ptl: Cell, to: Page, zero: boolean): Steps {
  yield* clear_page(to)
  if (!zero) return
  yield* spin_lock(ptl)
  yield* ptep_clear(ptep)
  yield* spin_unlock(ptl)
}

function* copy_one(ptep: Cell, ptl: Cell, to: Page, from: Page, vma: Vma): Steps {
  yield* copy_page(to, from)
  if (!(yield* PageCompound(from))) {
    yield* folio_unlock(from)
    yield* folio_putback_lru(from)
  }
  yield* spin_lock(ptl)
  yield* ptep_clear(ptep)
  yield* page_remove_rmap(from, vma, false)
  yield* spin_unlock(ptl)
  yield* free_swap_cache(from)
  yield* put_page(from)
}

/** mm/khugepaged.c:__collapse_huge_page_copy. The old pages lose their mappings one by one. */
export function* __collapse_huge_page_copy(pmd: Pmd, hpage: Folio, vma: Vma, compound: readonly Folio[]): Steps {
  const { entries } = kernel().pmd_pgtable(pmd)
  const ptl = pte_lockptr(pmd)
  const zero = kernel().memory.zeroPage.pfn
  for (let i = 0; i < entries.length; i++) {
    const ptep = entries[i]!
    const pte = yield* ptep_get(ptep)
    const to = nth_page(hpage, i)
    if (pte_none(pte) || pte_pfn(pte) === zero) yield* clear_one(ptep, ptl, to, !pte_none(pte))
    else yield* copy_one(ptep, ptl, to, kernel().page(pte_pfn(pte)), vma)
  }
  for (const folio of compound) {
    yield* folio_unlock(folio)
    yield* free_swap_cache(folio)
    yield* folio_putback_lru(folio)
  }
}
