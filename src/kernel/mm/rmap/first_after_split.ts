import type { Steps } from '../../../engine/model/step.js'
import { pmd_align } from '../addr_end.js'
import { __split_huge_pmd_locked } from '../huge_memory/split_huge_pmd.js'
import { type Mapped, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw } from './page_vma_mapped_walk.js'

/**
 * The first entry that maps the folio, which is a small one: a huge one that the walk has come to is split, under the lock that the walk
 * has taken, and looked for again (page_vma_mapped_walk_restart()). `freeze`: into migration entries.
 */
export function* first_after_split(pvmw: Pvmw, freeze: boolean): Steps<Mapped | undefined> {
  const at = yield* page_vma_mapped_walk(pvmw)
  if (!at || at.ptep) return at
  yield* __split_huge_pmd_locked(pvmw.mm, pvmw.vma, at.pmdp, pmd_align(at.address), freeze)
  yield* page_vma_mapped_walk_done(pvmw, at)
  return yield* page_vma_mapped_walk({ ...pvmw, address: at.address })
}
