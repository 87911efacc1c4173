import { load, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import type { Cell } from '../../../engine/model/memory.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import { pte_dirty, pte_mkclean, pte_write, pte_wrprotect } from '../../include/pgtable.js'
import { VM_SHARED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { promise, promise_starts } from '../../observer.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { folio_mapped } from './mapcount.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, PVMW_SYNC } from './page_vma_mapped_walk.js'
import { rmap_walk } from './rmap_walk.js'

function* clean_pte(mm: Mm, address: number, ptep: Cell): Steps<boolean> {
  const seen = yield* ptep_get(ptep)
  if (!pte_dirty(seen) && !pte_write(seen)) return false
  yield* promise_starts(mm, address, address + 1)
  const pte = yield* ptep_clear_flush(mm, address, ptep)
  yield* set_pte_at(ptep, pte_mkclean(pte_wrprotect(pte)))
  yield* promise(mm, address, address + 1, 'no write', 'page_mkclean()')
  return true
}

/** mm/rmap.c:page_vma_mkclean_one, of small pages. `cleaned` counts the entries. */
function* page_mkclean_one(folio: Folio, vma: Vma, address: number, cleaned: Cell): Steps<boolean> {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_SHARED)) return true
  const pvmw = yield* folio_vma_walk(folio, vma, address, PVMW_SYNC)
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, address, pvmw.end)
  let at: Mapped | undefined = yield* page_vma_mapped_walk(pvmw)
  while (at) {
    if (at.ptep && (yield* clean_pte(pvmw.mm, at.address, at.ptep))) {
      yield* store(cleaned, 1, { label: 'cleaned++' })
    }
    at = yield* page_vma_mapped_walk(pvmw, at)
  }
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, address, pvmw.end)
  return true
}

/** mm/rmap.c:folio_mkclean: write-protects and cleans every shared mapping. Whether one was dirty or writable. */
export function* folio_mkclean(folio: Folio): Steps<boolean> {
  if (!(yield* folio_mapped(folio))) return false
  const { cleaned } = kernel().perCpu[(yield* this_cpu()).index]!
  yield* store(cleaned, 0, { label: 'cleaned = 0' })
  yield* rmap_walk(folio, { rmap_one: page_mkclean_one, arg: cleaned })
  return (yield* load(cleaned, { label: 'cleaned' })) !== 0
}
