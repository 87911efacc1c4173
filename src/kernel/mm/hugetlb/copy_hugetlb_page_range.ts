import { fetchAdd, load, setBits, type Steps } from '../../../engine/model/step.js'
import { is_readable_migration_entry } from '../../include/migration_entry.js'
import { PG_uptodate } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { type Pte, pte_none, pte_pfn, pte_present, pte_wrprotect } from '../../include/pgtable.js'
import { SWP, SWP_UFFD_WP, swp_with_type } from '../../include/swapops.js'
import { has, kernel } from '../../kernel.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { pmd_addr_end } from '../addr_end.js'
import { copy_page } from '../copy_page.js'
import { type ForkVmas, is_cow_mapping, write_seqcount_begin, write_seqcount_end } from '../memory/copy_pte.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_set_wrprotect } from '../pgtable_generic.js'
import { hugepage_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_try_dup_anon_rmap } from '../rmap/dup_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { alloc_huge_page, ClearHPageRestoreReserve, restore_reserve_on_error } from './alloc_huge_page.js'
import { SetHPageMigratable } from './folio_isolate_hugetlb.js'
import { huge_pte_alloc } from './huge_pmd_share.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get, make_huge_pte, set_huge_pte_at } from './huge_pte.js'
import { hugetlb_vma_lock_read, hugetlb_vma_unlock_read } from './hugetlb_vma_lock.js'

/** The parent's entry and the child's. */
interface Pair {
  readonly address: number
  readonly src: HugePte
  readonly dst: HugePte
}

function* lock_both({ src, dst }: Pair): Steps {
  yield* huge_pte_lock(dst)
  yield* spin_lock(src.table.ptl, 'spin_lock(src_ptl)', SINGLE_DEPTH_NESTING)
}

function* unlock_both({ src, dst }: Pair): Steps {
  yield* spin_unlock(src.table.ptl, 'spin_unlock(src_ptl)')
  yield* huge_pte_unlock(dst)
}

/** An entry whose page is being migrated: the pages of both will be read-only. */
function* copy_migration_entry({ src, dst }: Pair, entry: Pte, cow: boolean): Steps {
  const readable = !cow || is_readable_migration_entry(entry)
  const shared = readable ? entry : swp_with_type(entry, SWP.MIGRATION_READ)
  if (!readable) yield* set_huge_pte_at(src.ptep, shared)
  yield* set_huge_pte_at(dst.ptep, shared & ~SWP_UFFD_WP)
}

/** With both tables locked. Returns a page, with a reference, that may be pinned and has to be copied now. */
function* copy_locked(fork: ForkVmas, pair: Pair, entry: Pte): Steps<Folio | undefined> {
  const cow = is_cow_mapping(fork.vm_flags)
  if (pte_none(entry)) return undefined
  if (!pte_present(entry)) {
    yield* copy_migration_entry(pair, entry, cow)
    return undefined
  }
  const page = kernel().page(pte_pfn(entry))
  yield* folio_get(page)
  if (!((yield* load(page.mapping, { label: 'PageAnon(ptepage)' })) & PAGE_MAPPING_ANON)) {
    yield* fetchAdd(page.compound_mapcount, 1, { label: 'page_dup_file_rmap(ptepage, true)' })
  } else if (!(yield* page_try_dup_anon_rmap(fork.src_mm, page, page, true))) return page
  if (cow) yield* ptep_set_wrprotect(fork.src_mm, pair.address, pair.src.ptep)
  yield* set_huge_pte_at(pair.dst.ptep, cow ? pte_wrprotect(entry) : entry)
  return undefined
}

/** mm/hugetlb.c:hugetlb_install_page */
export function* hugetlb_install_page(fork: ForkVmas, { dst, address }: Pair, page: Folio): Steps {
  yield* setBits(page.flags, PG_uptodate, { label: '__SetPageUptodate(new_page)' })
  yield* hugepage_add_new_anon_rmap(page, fork.dst_vma, address)
  yield* set_huge_pte_at(dst.ptep, yield* make_huge_pte(fork.dst_vma, page, true))
  yield* ClearHPageRestoreReserve(page)
  yield* SetHPageMigratable(page)
}

/** The child gets a copy, which is made with the tables unlocked. 'again': the parent's entry has changed; locked again. */
function* copy_now(fork: ForkVmas, pair: Pair, entry: Pte, page: Folio): Steps<'done' | 'again' | 'nomem'> {
  yield* unlock_both(pair)
  const copy = yield* alloc_huge_page(fork.dst_vma, pair.address, true)
  if (copy) yield* copy_page(copy, page)
  yield* folio_put(page)
  if (!copy) return 'nomem'
  yield* lock_both(pair)
  if (!has('mutant-fork-copy-unchecked') && (yield* huge_ptep_get(pair.src.ptep)) !== entry) {
    yield* restore_reserve_on_error(fork.dst_vma, pair.address, copy)
    yield* folio_put(copy)
    return 'again'
  }
  yield* hugetlb_install_page(fork, pair, copy)
  yield* unlock_both(pair)
  return 'done'
}

/** One entry. False: no page for a copy. */
function* copy_entry(fork: ForkVmas, pair: Pair): Steps<boolean> {
  yield* lock_both(pair)
  for (;;) {
    const entry = yield* huge_ptep_get(pair.src.ptep)
    const pinned = yield* copy_locked(fork, pair, entry)
    if (!pinned) break
    const copied = yield* copy_now(fork, pair, entry, pinned)
    if (copied !== 'again') return copied === 'done'
  }
  yield* unlock_both(pair)
  return true
}

/** Returns the address to go on from, or undefined without a page for a copy. A table that both share needs no copying. */
function* copy_at(fork: ForkVmas, address: number): Steps<number | undefined> {
  const src = yield* huge_pte_offset(fork.src_mm, address)
  if (!src) return pmd_addr_end(address, Infinity)
  const dst = yield* huge_pte_alloc(fork.dst_mm, fork.dst_vma, address)
  const shares = kernel().profile.hugePmdShare && (yield* load(dst.table.pt_share_count, { label: 'pt_share_count' }))
  if (shares) return pmd_addr_end(address, Infinity)
  return (yield* copy_entry(fork, { address, src, dst })) ? address + 1 : undefined
}

/** mm/hugetlb.c:copy_hugetlb_page_range, in fork(). Since 6.1 (bcd51a3c679d) only what has anonymous pages comes here. False: -ENOMEM. */
export function* copy_hugetlb_page_range(fork: ForkVmas, start: number, end: number): Steps<boolean> {
  const { src_mm, src_vma, vm_flags } = fork
  const cow = is_cow_mapping(vm_flags)
  if (cow) {
    yield* mmu_notifier_invalidate_range_start(src_mm, start, end)
    if (!has('mutant-seqcount-late')) yield* write_seqcount_begin(src_mm)
  } else yield* hugetlb_vma_lock_read(src_vma)
  let at: number | undefined = start
  while (at !== undefined && at < end) at = yield* copy_at(fork, at)
  if (cow) {
    if (has('mutant-seqcount-late')) yield* write_seqcount_begin(src_mm)
    yield* write_seqcount_end(src_mm)
    yield* mmu_notifier_invalidate_range_end(src_mm, start, end)
  } else yield* hugetlb_vma_unlock_read(src_vma)
  return at !== undefined
}
