import { load, type Steps } from '../../../engine/model/step.js'
import { FOLL_DUMP, FOLL_GET, FOLL_PIN, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { pte_none, pte_pfn, pte_present, pte_write } from '../../include/pgtable.js'
import { is_migration_entry } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { xas_load } from '../filemap/filemap_get_folio.js'
import { gup_must_unshare, try_get_folio, try_grab_folio } from '../gup/try_grab_folio.js'
import { try_grab_page } from '../gup/try_grab_page.js'
import { linear_page_index } from '../linear_page_index.js'
import { folio_put } from '../swap/folio_put.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get } from './huge_pte.js'
import { migration_entry_wait_huge } from './migration_entry_wait_huge.js'

/** mm/hugetlb.c:follow_huge_pmd_pte, of follow_page(). Waits for a migration. */
export function* follow_huge_pmd_pte(mm: Mm, address: number, flags: number): Steps<Page | 'none' | 'overflow'> {
  for (;;) {
    const pte = yield* huge_pte_offset(mm, address)
    if (!pte) return 'none'
    yield* huge_pte_lock(pte)
    const entry = yield* huge_ptep_get(pte.ptep)
    const page = pte_present(entry) ? kernel().page(pte_pfn(entry)) : undefined
    const got = page && (yield* try_grab_page(page, flags))
    yield* huge_pte_unlock(pte)
    if (page) return got ? page : 'overflow'
    if (!is_migration_entry(entry)) return 'none'
    yield* migration_entry_wait_huge(pte)
  }
}

/** mm/hugetlb.c:hugetlbfs_pagecache_present. A core dump does not allocate what it could only find empty. */
export function* hugetlbfs_pagecache_present(vma: Vma, address: number): Steps<boolean> {
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  const page = yield* xas_load(mapping, yield* linear_page_index(vma, address))
  if (!page || !(yield* try_get_folio(page, 1))) return false
  yield* folio_put(page)
  return true
}

/** What is found: -ENOMEM ('overflow') also for a long-term pin of a page in ZONE_MOVABLE, which has no chance to be moved. */
type FollowedHugetlb = Page | 'none' | 'unshare' | 'overflow' | 'nothing-to-dump'

function* follow_locked(pte: HugePte, flags: number): Steps<FollowedHugetlb> {
  const entry = yield* huge_ptep_get(pte.ptep)
  if (!pte_present(entry)) return 'none'
  const page = kernel().page(pte_pfn(entry))
  if (!pte_write(entry)) {
    if (flags & FOLL_WRITE) return 'none'
    if (yield* gup_must_unshare(flags, page)) return 'unshare'
  }
  if (!(flags & (FOLL_GET | FOLL_PIN))) return page
  return (yield* try_grab_folio(page, 1, flags)) ?? 'overflow'
}

/** mm/hugetlb.c:follow_hugetlb_page, one round: the page, or the fault that is due before it is tried again. */
export function* follow_hugetlb_page(mm: Mm, vma: Vma, address: number, flags: number): Steps<FollowedHugetlb> {
  const pte = yield* huge_pte_offset(mm, address)
  if (pte) yield* huge_pte_lock(pte)
  const absent = !pte || pte_none(yield* huge_ptep_get(pte.ptep))
  const hole = absent && flags & FOLL_DUMP && !(yield* hugetlbfs_pagecache_present(vma, address))
  const found = absent ? 'none' : yield* follow_locked(pte, flags)
  if (pte) yield* huge_pte_unlock(pte)
  return hole ? 'nothing-to-dump' : found
}
