import type { Cell } from '../../../engine/model/memory.js'
import { type Steps, store } from '../../../engine/model/step.js'
import { nth_page, PageCompound } from '../../include/compound.js'
import type { Folio, Page } from '../../include/page.js'
import { type Pmd, type Pte, pte_none, pte_pfn } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { clear_page, copy_page } from '../copy_page.js'
import { pte_lockptr, ptep_get } from '../pgtable.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { put_page } from '../swap/folio_put.js'
import { folio_putback_lru } from '../swap/isolate_lru.js'
import { free_swap_cache } from '../swapfile/folio_free_swap.js'

const ptep_clear = (ptep: Cell) => store(ptep, 0, { label: 'ptep_clear(ptep)' })

/** The content of a page, or zeroes where there is none. */
function* copy_one(ptep: Cell, to: Page): Steps {
  const pte = yield* ptep_get(ptep)
  if (is_none_or_zero(pte)) yield* clear_page(to)
  else yield* copy_page(to, kernel().page(pte_pfn(pte)))
}

const is_none_or_zero = (pte: Pte): boolean => pte_none(pte) || pte_pfn(pte) === kernel().memory.zeroPage.pfn

/** What an entry mapped is not mapped any more. */
function* drop_one(ptep: Cell, ptl: Cell, vma: Vma): Steps {
  const pte = yield* ptep_get(ptep)
  if (!is_none_or_zero(pte)) return yield* drop_page(ptep, ptl, kernel().page(pte_pfn(pte)), vma)
  if (pte_none(pte)) return
  yield* spin_lock(ptl)
  yield* ptep_clear(ptep)
  yield* spin_unlock(ptl)
}

function* drop_page(ptep: Cell, ptl: Cell, from: Page, vma: Vma): Steps {
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

/**
 * mm/khugepaged.c:__collapse_huge_page_copy. The old pages lose their mappings one by one: since 6.4 when all have been copied, so that they can go back
 * if memory turns out to be broken, which it never is here.
 */
export function* __collapse_huge_page_copy(pmd: Pmd, hpage: Folio, vma: Vma, compound: readonly Folio[]): Steps {
  const { entries } = kernel().pmd_pgtable(pmd)
  const ptl = pte_lockptr(pmd)
  const first = has('98c76c9f1ef7')
  for (const [i, ptep] of entries.entries()) {
    yield* copy_one(ptep, nth_page(hpage, i))
    if (!first) yield* drop_one(ptep, ptl, vma)
  }
  if (first) for (const ptep of entries) yield* drop_one(ptep, ptl, vma)
  for (const folio of compound) {
    yield* folio_unlock(folio)
    yield* free_swap_cache(folio)
    yield* folio_putback_lru(folio)
  }
}
