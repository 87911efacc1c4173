import type { Cell } from '../../../engine/model/memory.js'
import { atomic, store, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { compound_head, PageCompound } from '../../include/compound.js'
import { EAGAIN, EFAULT, ENOMEM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import { type Pmd, pmd_pfn, pmd_present, pmd_trans_huge, pte_present } from '../../include/pgtable.js'
import { VM_IO, VM_LOCKED, VM_LOCKED_CLEAR_MASK, VM_SPECIAL } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

import { lock_page_table } from '../memory/pte_lock.js'
import { pmd_addr_end } from '../addr_end.js'
import { __mm_populate } from '../gup/populate_vma_page_range.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { find_vma_range, type VmaRange, vma_with_flags } from '../mmap/for_each_vma_part.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_lockptr, pte_offset_map, ptep_get } from '../pgtable.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { mlock_folio, munlock_folio } from './mlock_pagevec.js'

const apply = (folio: Folio, lock: boolean): Steps => (lock ? mlock_folio(folio) : munlock_folio(folio))

function* mlock_pte(vma: Vma, ptep: Cell, address: number, lock: boolean): Steps {
  const pte = yield* ptep_get(ptep)
  if (!pte_present(pte)) return
  const page = yield* vm_normal_page(vma, address, pte)
  if (page && !(yield* PageCompound(page))) yield* apply(yield* compound_head(page), lock)
}

/** False: the table has been taken away since it was seen. */
function* mlock_table(vma: Vma, pmdp: Cell, seen: Pmd, address: number, end: number, lock: boolean): Steps<boolean> {
  const pmd = yield* lock_page_table(pmdp, seen)
  if (pmd === undefined) return false
  for (let at = address; at < end; at++) yield* mlock_pte(vma, pte_offset_map(pmd, at), at, lock)
  yield* spin_unlock(pte_lockptr(pmd))
  return true
}

/** mm/mlock.c:mlock_pte_range. The page walk has split nothing: a huge entry counts as one. False: look again (ACTION_AGAIN). */
export function* mlock_pte_range(mm: Mm, vma: Vma, address: number, end: number, lock: boolean): Steps<boolean> {
  const pmdp = pmd_offset(mm, address)
  if (pmd_trans_huge(yield* pmdp_get(pmdp))) {
    yield* pmd_lock(mm)
    const pmd = yield* pmdp_get(pmdp)
    const counts = pmd_trans_huge(pmd) && pmd_present(pmd) && pmd_pfn(pmd) !== kernel().memory.hugeZeroPage.pfn
    if (counts) yield* apply(kernel().page(pmd_pfn(pmd)), lock)
    yield* pmd_unlock(mm)
    if (pmd_trans_huge(pmd)) return true
  }
  const table = yield* pmd_of_table(pmdp)
  return table === undefined || (yield* mlock_table(vma, pmdp, table, address, end, lock))
}

/** mm/mlock.c:mlock_vma_pages_range. VM_IO keeps others from counting these pages while they are walked. */
export function* mlock_vma_pages_range(mm: Mm, vma: Vma, start: number, end: number, newflags: number): Steps {
  const lock = (newflags & VM_LOCKED) !== 0
  yield* store(vma.vm_flags, lock ? newflags | VM_IO : newflags, { label: 'vma->vm_flags = newflags' })
  yield* lru_add_drain()
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    if (yield* mlock_pte_range(mm, vma, at, next, lock)) at = next
  }
  yield* lru_add_drain()
  if (lock) yield* store(vma.vm_flags, newflags, { label: 'vma->vm_flags &= ~VM_IO' })
}

/** mm/mlock.c:mlock_fixup */
export function* mlock_fixup(mm: Mm, range: VmaRange, start: number, end: number, newflags: number): Steps {
  const old = range.vm_flags
  if (newflags === old || old & VM_SPECIAL) return
  const vma = yield* vma_with_flags(mm, range, start, end, newflags)
  yield* vma_start_write(vma)
  const pages = newflags & VM_LOCKED ? (old & VM_LOCKED ? 0 : end - start) : start - end
  yield* atomic('mm->locked_vm += nr_pages', (m) => add(m, mm.locked_vm, pages))
  if (newflags & VM_LOCKED && old & VM_LOCKED) yield* store(vma.vm_flags, newflags, { label: 'vma->vm_flags = newflags' })
  else yield* mlock_vma_pages_range(mm, vma, start, end, newflags)
}

/** mm/mlock.c:apply_vma_lock_flags. 0 or a negative error number. */
export function* apply_vma_lock_flags(mm: Mm, start: number, end: number, flags: number): Steps<number> {
  for (let at = start; at < end;) {
    const range = yield* find_vma_range(mm, at)
    if (!range || range.start > at) return -ENOMEM
    const next = Math.min(range.end, end)
    yield* mlock_fixup(mm, range, at, next, (range.vm_flags & VM_LOCKED_CLEAR_MASK) | flags)
    at = next
  }
  return 0
}

/** mlock(), `len` pages: then every page is faulted in. 0 or a negative error number. */
export function* sys_mlock(mm: Mm, start: number, len: number): Steps<number> {
  yield* mmap_write_lock(mm)
  const error = yield* apply_vma_lock_flags(mm, start, start + len, VM_LOCKED)
  yield* mmap_write_unlock(mm)
  if (error) return error
  const populated = yield* __mm_populate(mm, start, start + len, false)
  return populated === -EFAULT ? -ENOMEM : populated === -ENOMEM ? -EAGAIN : populated
}

/** munlock(), `len` pages. */
export function* sys_munlock(mm: Mm, start: number, len: number): Steps<number> {
  yield* mmap_write_lock(mm)
  const error = yield* apply_vma_lock_flags(mm, start, start + len, 0)
  yield* mmap_write_unlock(mm)
  return error
}
