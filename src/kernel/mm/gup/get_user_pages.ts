import { load, type Steps, store } from '../../../engine/model/step.js'
import { EBUSY, EEXIST, EFAULT, ENOMEM, EOPNOTSUPP } from '../../include/errno.js'
import {
  FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_TRIED, FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_OOM, VM_FAULT_RETRY, VM_FAULT_WRITE,
} from '../../include/fault.js'
import {
  FOLL_COW, FOLL_FAST_ONLY, FOLL_FORCE, FOLL_GET, FOLL_LONGTERM, FOLL_NOFAULT, FOLL_PIN, FOLL_TOUCH, FOLL_TRIED, FOLL_UNLOCKABLE, FOLL_WRITE,
} from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { pmd_trans_huge } from '../../include/pgtable.js'
import { VM_HUGETLB, VM_IO, VM_MAYREAD, VM_PFNMAP, VM_READ, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { pmd_addr_end } from '../addr_end.js'
import { vma_is_fsdax } from '../vma_is_dax.js'
import { vma_lookup } from '../find_vma.js'
import { follow_hugetlb_page } from '../hugetlb/follow_hugetlb_page.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC_PIN } from '../might_alloc.js'
import { is_cow_mapping } from '../memory/copy_pte.js'
import { handle_mm_fault } from '../memory/handle_mm_fault.js'
import { pmd_offset, pmdp_get } from '../pgtable.js'
import { check_and_migrate_movable_pages } from './check_and_migrate_movable_pages.js'
import { follow_page_mask, type Followed } from './follow_page.js'
import { lockless_pages_from_mm } from './lockless_pages_from_mm.js'

/** What a walk got: pages, how many addresses it has done, and the error (negative) that stopped it. */
export interface GotPages {
  readonly pages: readonly Page[]
  readonly done: number
  readonly error: number
  /** With an error: the mmap_lock is held still, whatever the number. */
  readonly locked?: true
}

/** mm/gup.c:check_vma_flags. 0 or a negative error number. */
export const check_vma_flags = (vm_flags: number, flags: number): number => {
  if (vm_flags & (VM_IO | VM_PFNMAP)) return -EFAULT
  if (flags & FOLL_WRITE && !(vm_flags & VM_WRITE) && vm_flags & VM_HUGETLB) return -EFAULT
  const force = (flags & FOLL_FORCE) !== 0
  if (flags & FOLL_WRITE) return vm_flags & VM_WRITE || (force && is_cow_mapping(vm_flags)) ? 0 : -EFAULT
  return vm_flags & VM_READ || (force && vm_flags & VM_MAYREAD) ? 0 : -EFAULT
}

/** The write fault of a forced write is done: until 4.9 the walk went on as if it were for reading, until 6.0 with FOLL_COW. */
const COW_DONE = 1

/** mm/gup.c:faultin_page. 0, COW_DONE or a negative error number; -EBUSY: the mmap_lock was dropped. */
export function* faultin_page(mm: Mm, vma: Vma, address: number, flags: number, unshare: boolean): Steps<number> {
  if (flags & FOLL_NOFAULT) return -EFAULT
  const fault = unshare ? FAULT_FLAG_UNSHARE : flags & FOLL_WRITE ? FAULT_FLAG_WRITE : 0
  const retry = (flags & FOLL_UNLOCKABLE ? FAULT_FLAG_ALLOW_RETRY : 0) | (flags & FOLL_TRIED ? FAULT_FLAG_TRIED : 0)
  const result = yield* handle_mm_fault(mm, vma, address, fault | retry)
  if (result & VM_FAULT_RETRY) return -EBUSY
  if (!(result & VM_FAULT_ERROR)) {
    if (!(!has('19be0eaffa3a') || !has('5535be309971')) || !(result & VM_FAULT_WRITE)) return 0
    return (yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_WRITE' })) & VM_WRITE ? 0 : COW_DONE
  }
  return result & VM_FAULT_OOM ? -ENOMEM : -EFAULT
}

/** One address: follow the tables, fault if need be, until there is a page. `number`: a negative error number. */
function* get_page_at(mm: Mm, vma: Vma, address: number, flags: number): Steps<Page | number> {
  let foll_flags = flags
  for (;;) {
    const hugetlb = yield* is_vm_hugetlb_page(vma)
    const page: Followed = hugetlb ? yield* follow_hugetlb_page(mm, vma, address, foll_flags) : yield* follow_page_mask(mm, vma, address, foll_flags)
    if (typeof page !== 'string') return page
    if (page === 'overflow') return -ENOMEM
    if (page === 'nothing-to-dump') return -EFAULT
    if (page === 'no-struct-page') return flags & (FOLL_GET | FOLL_PIN) ? -EEXIST : 0
    const error = yield* faultin_page(mm, vma, address, foll_flags, page === 'unshare')
    if (error === COW_DONE) foll_flags = !has('19be0eaffa3a') ? foll_flags & ~FOLL_WRITE : foll_flags | FOLL_COW
    else if (error) return error
  }
}

/** Where to go on: without pages to hand out, one step takes a huge mapping. */
function* after(mm: Mm, address: number, end: number, flags: number): Steps<number> {
  if (flags & (FOLL_GET | FOLL_PIN)) return address + 1
  return pmd_trans_huge(yield* pmdp_get(pmd_offset(mm, address))) ? pmd_addr_end(address, end) : address + 1
}

/** mm/gup.c:__get_user_pages. The mmap_lock is held for reading; after -EBUSY it is not any more. */
export function* __get_user_pages(mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> {
  const pages: Page[] = []
  let vma: Vma | undefined
  let at = start
  while (at < start + nr) {
    if (!vma || at >= (yield* load(vma.vm_end, { label: 'vma->vm_end' }))) {
      vma = yield* vma_lookup(mm, at)
      const denied: number = vma ? check_vma_flags(yield* load(vma.vm_flags, { label: 'vma->vm_flags' }), flags) : -EFAULT
      if (!vma || denied) return { pages, done: at - start, error: denied }
      if (flags & FOLL_LONGTERM && (yield* vma_is_fsdax(vma))) return { pages, done: at - start, error: -EOPNOTSUPP }
    }
    const page: Page | number = yield* get_page_at(mm, vma, at, flags)
    if (typeof page === 'number' && page < 0) return { pages, done: at - start, error: page }
    if (typeof page !== 'number') pages.push(page)
    at = yield* after(mm, at, start + nr, flags)
  }
  return { pages, done: nr, error: 0 }
}

/** MMF_HAS_PINNED, set before anything is pinned: from here on fork() looks. */
function* mm_set_has_pinned_flag(mm: Mm): Steps {
  if (!(yield* load(mm.has_pinned, { label: 'test_bit(MMF_HAS_PINNED)' }))) {
    yield* store(mm.has_pinned, 1, { label: 'set_bit(MMF_HAS_PINNED)' })
  }
}

/** Long-term pins: what has to move first does, and the walk is done again. Faults meanwhile get no memory that would have to. */
function* pin_for_long(mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> {
  yield* memalloc_save(PF_MEMALLOC_PIN)
  for (;;) {
    const got = yield* __get_user_pages(mm, start, nr, flags)
    const checked = got.pages.length === 0 ? 0 : yield* check_and_migrate_movable_pages(got.pages, flags)
    if (checked === 'again') continue
    yield* memalloc_restore(PF_MEMALLOC_PIN)
    if (checked === 0) return got
    return typeof checked === 'number' ? { pages: [], done: 0, error: checked, locked: true } : { ...got, pages: checked }
  }
}

/**
 * mm/gup.c:__gup_longterm_locked. The mmap_lock is held for reading. Long-term pins move pages out of movable memory
 * first and walk again.
 */
export function* __gup_longterm_locked(mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> {
  if (flags & FOLL_PIN && !has('mutant-has-pinned-late')) yield* mm_set_has_pinned_flag(mm)
  const walk = flags & FOLL_LONGTERM ? pin_for_long : __get_user_pages
  const got = yield* walk(mm, start, nr, flags & FOLL_PIN ? flags : flags | FOLL_GET)
  if (flags & FOLL_PIN && has('mutant-has-pinned-late')) yield* mm_set_has_pinned_flag(mm)
  return got
}

/** mm/gup.c:get_user_pages_unlocked. The address that a fault had to drop the lock for is tried by itself, until that works. */
function* unlocked_pages(mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> {
  let pages: readonly Page[] = []
  let tried = 0
  yield* mmap_read_lock(mm)
  for (;;) {
    const left = tried ? 1 : nr - pages.length
    const got: GotPages = yield* __gup_longterm_locked(mm, start + pages.length, left, flags | FOLL_TOUCH | FOLL_UNLOCKABLE | tried)
    pages = [...pages, ...got.pages]
    const again = got.error === -EBUSY && !got.locked
    if (!again && (got.error || !tried || pages.length === nr)) {
      yield* mmap_read_unlock(mm)
      return { pages, done: pages.length, error: pages.length ? 0 : got.error }
    }
    tried = again ? FOLL_TRIED : 0
    if (again) yield* mmap_read_lock(mm)
  }
}

/** mm/gup.c:__gup_longterm_unlocked. Takes the mmap_lock for reading. Long-term pins could not wait without it in 6.1. */
export function* __gup_longterm_unlocked(mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> {
  if (!(flags & FOLL_LONGTERM) || has('gup-longterm-unlockable')) return yield* unlocked_pages(mm, start, nr, flags)
  yield* mmap_read_lock(mm)
  const got = yield* __gup_longterm_locked(mm, start, nr, flags)
  yield* mmap_read_unlock(mm)
  return got
}

/** mm/gup.c:get_user_pages: plain references. */
export const get_user_pages = (mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> =>
  __gup_longterm_locked(mm, start, nr, flags | FOLL_GET | FOLL_TOUCH)

/** mm/gup.c:pin_user_pages. Does not mark the pages accessed. */
export const pin_user_pages = (mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> =>
  __gup_longterm_locked(mm, start, nr, flags | FOLL_PIN)

/**
 * mm/gup.c:internal_get_user_pages_fast: what can be had without locks, the rest with the mmap_lock. `flags` has
 * FOLL_GET or FOLL_PIN.
 */
export function* internal_get_user_pages_fast(mm: Mm, start: number, nr: number, flags: number): Steps<GotPages> {
  const late = has('mutant-has-pinned-late')
  if (flags & FOLL_PIN && !late) yield* mm_set_has_pinned_flag(mm)
  const fast = yield* lockless_pages_from_mm(mm, start, start + nr, flags)
  if (flags & FOLL_PIN && late) yield* mm_set_has_pinned_flag(mm)
  if (fast.length === nr || flags & FOLL_FAST_ONLY) return { pages: fast, done: fast.length, error: 0 }
  const slow = yield* __gup_longterm_unlocked(mm, start + fast.length, nr - fast.length, flags)
  const pages = [...fast, ...slow.pages]
  return { pages, done: pages.length, error: pages.length ? 0 : slow.error }
}
