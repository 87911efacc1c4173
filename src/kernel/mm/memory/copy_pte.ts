import type { Cell } from '../../../engine/model/memory.js'
import { fetchAdd, load, setBits, type Steps } from '../../../engine/model/step.js'
import { smp_wmb } from '../../../machine/barrier.js'
import { compound_head } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_uptodate } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import {
  _PAGE_UFFD_WP, pfn_pte, type Pte, pte_mkclean, pte_mkdirty, pte_mkold, pte_mkwrite, pte_write, pte_wrprotect,
} from '../../include/pgtable.js'
import {
  is_device_private_entry, is_genuine_swap_entry, is_guard_marker, is_migration_entry, SWP, SWP_EXCLUSIVE, SWP_SOFT_DIRTY, swp_offset, swp_type, SWP_UFFD_WP, swp_with_type,
} from '../../include/swapops.js'
import { VM_MAYWRITE, VM_SHARED, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { copy_page } from '../copy_page.js'
import { set_pte_at } from '../pgtable.js'
import { ptep_set_wrprotect } from '../pgtable_generic.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_try_dup_anon_rmap } from '../rmap/dup_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { swap_duplicate } from '../swapfile/swap_map.js'
import { vm_normal_page } from './vm_normal_page.js'

/** What fork() copies one entry from and to. */
export interface ForkVmas {
  readonly src_mm: Mm
  readonly dst_mm: Mm
  readonly src_vma: Vma
  readonly dst_vma: Vma
  /** vma->vm_flags of the parent. */
  readonly vm_flags: number
}

/** fork() begins to take write permission from the parent's entries. */
export function* write_seqcount_begin(mm: Mm): Steps {
  yield* mm.write_protect_seq.turn({ label: 'raw_write_seqcount_begin()' })
  yield* smp_wmb()
}

export function* write_seqcount_end(mm: Mm): Steps {
  yield* smp_wmb()
  yield* mm.write_protect_seq.turn({ label: 'raw_write_seqcount_end()' })
}

export const is_cow_mapping = (vm_flags: number): boolean => (vm_flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE

/** mm/memory.c:copy_present_page: the parent may have pinned the page, so the child gets a copy now. */
export function* copy_present_page(fork: ForkVmas, dst: Cell, page: Page, address: number, copy: Page): Steps {
  yield* copy_page(copy, page)
  yield* setBits(copy.flags, PG_uptodate, { label: '__SetPageUptodate(new_page)' })
  yield* page_add_new_anon_rmap(copy, fork.dst_vma, address)
  yield* lru_cache_add_inactive_or_unevictable(copy, fork.dst_vma)
  const pte = pte_mkdirty(pfn_pte(copy.pfn, yield* load(fork.dst_vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  yield* set_pte_at(dst, fork.vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte)
}

/** Counts the child's mapping. False if the page has to be copied instead. */
function* dup_mapping(fork: ForkVmas, folio: Folio, page: Page): Steps<boolean> {
  const anon = (yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON
  yield* folio_get(folio)
  if (!anon) {
    yield* fetchAdd(page._mapcount, 1, { label: 'page_dup_file_rmap(page)' })
    return true
  }
  const asked = has('mutant-pins-of-child') ? fork.dst_mm : fork.src_mm
  if (yield* page_try_dup_anon_rmap(asked, folio, page, false)) return true
  yield* folio_put(folio)
  return false
}

/** What became of an entry: done, done with the page set aside for copies, such a page is needed, or it cannot be copied now. */
export type Copied = 'done' | 'used' | 'again' | 'busy'

/** mm/memory.c:copy_present_pte */
export function* copy_present_pte(
  fork: ForkVmas, dst: Cell, src: Cell, pte: Pte, address: number, prealloc: Page | undefined,
): Steps<Copied> {
  const page = yield* vm_normal_page(fork.src_vma, address, pte)
  if (page && !(yield* dup_mapping(fork, yield* compound_head(page), page))) {
    if (!prealloc) return 'again'
    yield* copy_present_page(fork, dst, page, address, prealloc)
    return 'used'
  }
  const protect = is_cow_mapping(fork.vm_flags) && pte_write(pte)
  if (protect) yield* ptep_set_wrprotect(fork.src_mm, address, src)
  const cowed = protect ? pte_wrprotect(pte) : pte
  const clean = fork.vm_flags & VM_SHARED ? pte_mkclean(cowed) : cowed
  yield* set_pte_at(dst, pte_mkold(clean) & ~_PAGE_UFFD_WP)
  return 'done'
}

/** A slot of the swap area, which the child uses as well: the page in it is nobody's alone. */
function* copy_swap_pte(dst: Cell, src: Cell, pte: Pte): Steps {
  yield* swap_duplicate(swp_offset(pte))
  const entry = pte & ~SWP_EXCLUSIVE
  if (entry !== pte) yield* set_pte_at(src, entry)
  yield* set_pte_at(dst, entry & ~SWP_UFFD_WP)
}

/** mm/memory.c:copy_nonpresent_pte, of migration and device-private entries: both sides become readable only. No child has a monitor. */
export function* copy_nonpresent_pte(fork: ForkVmas, dst: Cell, src: Cell, pte: Pte): Steps {
  if (is_genuine_swap_entry(pte)) return yield* copy_swap_pte(dst, src, pte)
  if (is_guard_marker(pte)) return void (yield* set_pte_at(dst, pte))
  const page = kernel().page(swp_offset(pte))
  let entry = pte
  const shares = is_cow_mapping(fork.vm_flags) && !has('mutant-fork-keeps-write')
  if (is_migration_entry(pte) && swp_type(pte) !== SWP.MIGRATION_READ && shares) {
    entry = swp_with_type(pte, SWP.MIGRATION_READ)
  } else if (is_device_private_entry(pte)) {
    yield* folio_get(page)
    yield* page_try_dup_anon_rmap(fork.src_mm, page, page, false)
    if (swp_type(pte) === SWP.DEVICE_WRITE && is_cow_mapping(fork.vm_flags)) {
      entry = swp_with_type(pte, SWP.DEVICE_READ) & ~SWP_SOFT_DIRTY
    }
  }
  if (entry !== pte) yield* set_pte_at(src, entry)
  yield* set_pte_at(dst, entry & ~SWP_UFFD_WP)
}
