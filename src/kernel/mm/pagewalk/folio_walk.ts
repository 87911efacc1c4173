import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import type { Folio, Page } from '../../include/page.js'
import type { Mm } from '../../include/mm.js'
import { is_swap_pmd, pmd_none, pmd_pfn, pmd_present, pmd_trans_huge, pte_pfn, pte_present } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { lock_page_table } from '../memory/pte_lock.js'
import { pmd_lockptr, pmd_offset, pmdp_get, pte_index, ptep_get } from '../pgtable.js'

/** A folio that an address maps, with the lock held of the table that says so. */
export interface FolioWalk {
  readonly folio: Folio
  /** The mapped page; none for a zero page. */
  readonly page?: Page
  readonly ptl: Cell
}

/** A present PMD leaf; undefined for what has no struct page. */
function* found_huge(pfn: number, address: number, zeropage: boolean, ptl: Cell): Steps<FolioWalk | undefined> {
  const folio = kernel().page(pfn)
  if (folio !== kernel().memory.hugeZeroPage) return { folio, page: kernel().page(pfn + pte_index(address)), ptl }
  return zeropage ? { folio, ptl } : undefined
}

/**
 * mm/pagewalk.c:folio_walk_start, with FW_ZEROPAGE or without. The mmap_lock is held, for reading at least. Takes no reference: what is
 * found stays mapped until folio_walk_end(). Undefined if nothing that is present is mapped there.
 */
export function* folio_walk_start(mm: Mm, vma: Vma, address: number, zeropage: boolean): Steps<FolioWalk | undefined> {
  const pmdp = pmd_offset(mm, address)
  const seen = yield* pmdp_get(pmdp)
  if (pmd_none(seen)) return undefined
  if (is_swap_pmd(seen) || pmd_trans_huge(seen)) {
    const ptl = pmd_lockptr(mm)
    yield* spin_lock(ptl)
    const pmd = yield* pmdp_get(pmdp)
    if (pmd_none(pmd) || !pmd_present(pmd) || !pmd_trans_huge(pmd)) {
      yield* spin_unlock(ptl)
      if (!pmd_present(pmd)) return undefined
    } else {
      const found = yield* found_huge(pmd_pfn(pmd), address, zeropage, ptl)
      if (!found) yield* spin_unlock(ptl)
      return found
    }
  }
  const pmd = yield* lock_page_table(pmdp, yield* pmdp_get(pmdp))
  if (pmd === undefined) return undefined
  const table = kernel().pmd_pgtable(pmd)
  const pte = yield* ptep_get(table.entries[pte_index(address)]!)
  const page = pte_present(pte) ? yield* vm_normal_page(vma, address, pte) : undefined
  if (page) return { folio: yield* compound_head(page), page, ptl: table.ptl }
  const { zeroPage } = kernel().memory
  if (zeropage && pte_present(pte) && pte_pfn(pte) === zeroPage.pfn) return { folio: zeroPage, ptl: table.ptl }
  yield* spin_unlock(table.ptl)
  return undefined
}

/** mm/pagewalk.c:folio_walk_end */
export function* folio_walk_end({ ptl }: FolioWalk): Steps {
  yield* spin_unlock(ptl)
}
