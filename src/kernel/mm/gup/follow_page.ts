import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { EEXIST, EFAULT, ENOMEM } from '../../include/errno.js'
import { FOLL_COW, FOLL_DUMP, FOLL_FORCE, FOLL_GET, FOLL_MIGRATION, FOLL_PIN, FOLL_SPLIT_PMD, FOLL_TOUCH, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import { PG_anon_exclusive, PG_dirty } from '../../include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import {
  is_swap_pmd, type Pmd, pmd_pfn, pmd_present, pmd_trans_huge, type Pte, pte_devmap, pte_dirty, pte_mkdirty, pte_mkyoung, pte_none, pte_pfn, pte_present,
  pte_protnone, pte_soft_dirty, pte_write,
} from '../../include/pgtable.js'
import { is_device_private_entry, is_migration_entry, swp_offset } from '../../include/swapops.js'
import { userfaultfd_pte_wp } from '../../include/userfaultfd.js'
import { VM_MAYSHARE, VM_MAYWRITE, VM_SHARED, VM_SOFTDIRTY, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pmd_align } from '../addr_end.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { follow_huge_pmd_pte } from '../hugetlb/follow_hugetlb_page.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { pte_offset_map_lock } from '../memory/pte_lock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { migration_entry_wait, pmd_migration_entry_wait } from '../migrate/migration_entry_wait.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_alloc, pte_index, ptep_get } from '../pgtable.js'
import { get_dev_pagemap, put_dev_pagemap } from '../memremap/get_dev_pagemap.js'
import { pmdp_set_access_flags } from '../pgtable_generic.js'
import { mark_page_accessed } from '../swap/mark_page_accessed.js'
import { follow_devmap_pmd } from './follow_devmap_pmd.js'
import { gup_can_follow_protnone } from './protnone.js'
import { gup_must_unshare, gup_permits } from './try_grab_folio.js'
import { try_grab_page } from './try_grab_page.js'

/**
 * Nothing to take: a fault is due; or, to unshare, a fault of that kind (-EMLINK); or there is no struct page (-EEXIST); or,
 * with FOLL_DUMP, nothing worth to be looked at (-EFAULT); or the page has too many references (-ENOMEM).
 */
export type Followed = Page | 'none' | 'unshare' | 'no-struct-page' | 'nothing-to-dump' | 'overflow'

/** mm/gup.c:no_page_table: a hole of anonymous memory is not filled only to look at it. */
export function* no_page_table(vma: Vma, flags: number): Steps<Followed> {
  if (!(flags & FOLL_DUMP)) return 'none'
  return (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) ? 'none' : 'nothing-to-dump'
}

/** mm/gup.c:can_follow_write_pte. FOLL_FORCE may write through a read-only entry, if COW is broken already. */
function* can_follow_write(pte: Pte, page: Page | undefined, vma: Vma, flags: number): Steps<boolean> {
  if (pte_write(pte)) return true
  if (!(flags & FOLL_FORCE) || !has('19be0eaffa3a')) return false
  if (!has('5535be309971')) return (flags & FOLL_COW) !== 0 && (pte_dirty(pte) || has('mutant-cow-flag-alone'))
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & (VM_MAYSHARE | VM_SHARED | VM_WRITE) || !(vm_flags & VM_MAYWRITE)) return false
  if (!page) return false
  const folio = yield* compound_head(page)
  if (!((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)) return false
  if (!((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive)) return false
  return ((vm_flags & VM_SOFTDIRTY) !== 0 || pte_soft_dirty(pte)) && !userfaultfd_pte_wp(vm_flags, pte)
}

function* touch_page(page: Page, pte: Pte, flags: number): Steps {
  if (!(flags & FOLL_TOUCH)) return
  const folio = yield* compound_head(page)
  if (flags & FOLL_WRITE && !pte_dirty(pte)) yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  yield* mark_page_accessed(page)
}

/** Device memory: with a reference to its pagemap, which GUP drops when it has the page's. */
function* follow_devmap(pte: Pte, flags: number): Steps<Followed> {
  const pgmap = yield* get_dev_pagemap(pte_pfn(pte))
  if (!pgmap) return 'none'
  const page = kernel().page(pte_pfn(pte))
  const got = yield* try_grab_page(page, flags)
  if (got) yield* touch_page(page, pte, flags)
  yield* put_dev_pagemap(pgmap)
  return got ? page : 'overflow'
}

/** What GUP would do if it took device-private entries for mappings. */
function* take_private(pte: Pte, flags: number): Steps<Followed> {
  const page = kernel().page(swp_offset(pte))
  yield* try_grab_page(page, flags)
  return page
}

/** What follow_page_pte() does under the page-table lock. */
function* follow_locked(vma: Vma, ptep: Cell, address: number, flags: number): Steps<Followed> {
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte)) return yield* no_page_table(vma, flags)
  if (is_device_private_entry(pte) && has('mutant-gup-takes-private')) return yield* take_private(pte, flags)
  if (!pte_present(pte) || (pte_protnone(pte) && !gup_can_follow_protnone(flags))) return 'none'
  const normal = yield* vm_normal_page(vma, address, pte)
  if (flags & FOLL_WRITE && !(yield* can_follow_write(pte, normal, vma, flags))) return 'none'
  if (!normal && flags & FOLL_DUMP) return 'nothing-to-dump'
  const { zeroPage } = kernel().memory
  if (!normal && pte_devmap(pte) && flags & (FOLL_GET | FOLL_PIN)) return yield* follow_devmap(pte, flags)
  const page = normal ?? (pte_pfn(pte) === zeroPage.pfn ? zeroPage : undefined)
  if (!page) return 'no-struct-page'
  if (!gup_permits(page, flags)) return 'no-struct-page'
  if (!pte_write(pte) && (yield* gup_must_unshare(flags, page))) return 'unshare'
  if (!(yield* try_grab_page(page, flags))) return 'overflow'
  yield* touch_page(page, pte, flags)
  return page
}

/** mm/gup.c:follow_page_pte */
export function* follow_page_pte(mm: Mm, vma: Vma, pmdp: Cell, address: number, flags: number): Steps<Followed> {
  for (;;) {
    const locked = yield* pte_offset_map_lock(pmdp, address)
    if (!locked) return yield* no_page_table(vma, flags)
    const { ptep, ptl } = locked
    const migrates = (flags & FOLL_MIGRATION) !== 0 && is_migration_entry(yield* ptep_get(ptep))
    const found = migrates ? 'none' : yield* follow_locked(vma, ptep, address, flags)
    yield* spin_unlock(ptl)
    if (!migrates) return found
    yield* migration_entry_wait({ mm, vma, address, flags: 0, pmdp, ptep, ptl, orig_pte: 0 })
  }
}

/** mm/huge_memory.c:follow_trans_huge_pmd, under the PMD lock. */
export function* follow_trans_huge_pmd(mm: Mm, vma: Vma, pmdp: Cell, pmd: Pmd, address: number, flags: number): Steps<Followed> {
  const head = kernel().page(pmd_pfn(pmd))
  if (flags & FOLL_WRITE && !(yield* can_follow_write(pmd, head, vma, flags))) return 'none'
  if (flags & FOLL_DUMP && head === kernel().memory.hugeZeroPage) return 'nothing-to-dump'
  if (pte_protnone(pmd) && !gup_can_follow_protnone(flags)) return 'none'
  if (!pte_write(pmd) && (yield* gup_must_unshare(flags, head))) return 'unshare'
  if (!(yield* try_grab_page(head, flags))) return 'overflow'
  if (flags & FOLL_TOUCH) {
    const write = (flags & FOLL_WRITE) !== 0
    yield* pmdp_set_access_flags(mm, pmd_align(address), pmdp, pmd, write ? pte_mkdirty(pte_mkyoung(pmd)) : pte_mkyoung(pmd), write)
  }
  return kernel().page(head.pfn + pte_index(address))
}

const follow_huge_pmd = (mm: Mm, vma: Vma, pmdp: Cell, pmd: Pmd, address: number, flags: number): Steps<Followed> =>
  pte_devmap(pmd) ? follow_devmap_pmd(mm, pmdp, pmd, address, flags) : follow_trans_huge_pmd(mm, vma, pmdp, pmd, address, flags)

/** The entry, read without a lock; with FOLL_MIGRATION not while its page migrates. */
function* pmd_seen(mm: Mm, pmdp: Cell, flags: number): Steps<Pmd> {
  for (;;) {
    const pmd = yield* pmdp_get(pmdp)
    if (!(flags & FOLL_MIGRATION) || !is_swap_pmd(pmd)) return pmd
    yield* pmd_migration_entry_wait(mm, pmdp)
  }
}

/** mm/gup.c:follow_pmd_mask: lockless down to the PMD, then under a lock. */
export function* follow_page_mask(mm: Mm, vma: Vma, address: number, flags: number): Steps<Followed> {
  const pmdp = pmd_offset(mm, address)
  const seen = yield* pmd_seen(mm, pmdp, flags)
  if (!pmd_present(seen)) return yield* no_page_table(vma, flags)
  if (!pmd_trans_huge(seen)) return yield* follow_page_pte(mm, vma, pmdp, address, flags)
  if (pte_protnone(seen) && !gup_can_follow_protnone(flags)) return yield* no_page_table(vma, flags)
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_get(pmdp)
  const huge = pmd_trans_huge(pmd)
  const whole = huge && (pte_devmap(pmd) || !(flags & FOLL_SPLIT_PMD))
  const found = whole ? yield* follow_huge_pmd(mm, vma, pmdp, pmd, address, flags) : 'none'
  yield* pmd_unlock(mm)
  if (whole) return found
  if (!pmd_present(pmd)) return yield* no_page_table(vma, flags)
  if (huge) {
    yield* __split_huge_pmd(mm, vma, pmdp, address, false)
    yield* pte_alloc(mm, pmdp)
  }
  return yield* follow_page_pte(mm, vma, pmdp, address, flags)
}

/**
 * mm/gup.c:follow_page. The page that is mapped now, with a reference (FOLL_GET); no fault is taken. Otherwise 0, or an
 * error number.
 */
export function* follow_page(mm: Mm, vma: Vma, address: number, flags: number): Steps<Page | number> {
  const hugetlb = yield* is_vm_hugetlb_page(vma)
  const found = yield* hugetlb ? follow_huge_pmd_pte(mm, address, flags) : follow_page_mask(mm, vma, address, flags)
  if (typeof found !== 'string') return found
  if (found === 'none') return 0
  return found === 'overflow' ? -ENOMEM : found === 'nothing-to-dump' ? -EFAULT : -EEXIST
}
