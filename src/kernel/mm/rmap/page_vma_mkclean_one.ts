import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { type Pte, pte_dirty, pte_mkclean, pte_write, pte_wrprotect } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { promise, promise_starts } from '../../observer.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmdp_get, ptep_get, set_pmd_at, set_pte_at } from '../pgtable.js'
import { pmdp_invalidate, ptep_clear_flush, ptep_get_and_clear } from '../pgtable_generic.js'
import { type Mapped, page_vma_mapped_walk, type Pvmw } from './page_vma_mapped_walk.js'

const wants = (entry: Pte): boolean => pte_dirty(entry) || pte_write(entry)

const cleaned = (entry: Pte): Pte => pte_mkclean(pte_wrprotect(entry))

function* clean_pte(mm: Mm, address: number, ptep: Cell): Steps<boolean> {
  if (!wants(yield* ptep_get(ptep))) return false
  yield* promise_starts(mm, address, address + 1)
  const pte = yield* has('mutant-mkclean-unflushed') ? ptep_get_and_clear(mm, address, ptep) : ptep_clear_flush(mm, address, ptep)
  yield* set_pte_at(ptep, cleaned(pte))
  yield* promise(mm, address, address + 1, 'no write', 'page_mkclean()')
  return true
}

/** A huge entry of a DAX file. Until 4.10 it was left as it was. */
function* clean_pmd(mm: Mm, address: number, pmdp: Cell): Steps<boolean> {
  if (!has('f729c8c9b24f') || !wants(yield* pmdp_get(pmdp))) return false
  const end = address + kernel().geometry.ptrsPerPte
  yield* promise_starts(mm, address, end)
  yield* set_pmd_at(pmdp, cleaned(yield* pmdp_invalidate(mm, address, pmdp)))
  yield* promise(mm, address, end, 'no write', 'page_mkclean()')
  return true
}

/** mm/rmap.c:page_vma_mkclean_one: write-protects and cleans what the walk finds. Whether there was anything. */
export function* page_vma_mkclean_one(pvmw: Pvmw): Steps<boolean> {
  let any = false
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, pvmw.address, pvmw.end)
  let at: Mapped | undefined = yield* page_vma_mapped_walk(pvmw)
  while (at) {
    const { address, pmdp, ptep } = at
    if (yield* ptep ? clean_pte(pvmw.mm, address, ptep) : clean_pmd(pvmw.mm, address, pmdp)) any = true
    at = yield* page_vma_mapped_walk(pvmw, at)
  }
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, pvmw.address, pvmw.end)
  return any
}
