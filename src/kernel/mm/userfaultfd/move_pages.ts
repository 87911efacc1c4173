import { load, type Steps } from '../../../engine/model/step.js'
import { EAGAIN, EBUSY, EEXIST, EINVAL, ENOENT } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import { is_swap_pmd, type Pmd, pmd_none, pmd_pfn, pmd_present, pmd_trans_huge } from '../../include/pgtable.js'
import {
  VM_ACCESS_FLAGS, VM_HUGETLB, VM_IO, VM_LOCKED, VM_MIXEDMAP, VM_PFNMAP, VM_SHARED, VM_UFFD_MISSING, VM_UFFD_WP, VM_WRITE,
} from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { promise, transfer_starts } from '../../observer.js'
import { vma_lookup } from '../find_vma.js'
import { move_pages_huge_pmd } from '../huge_memory/move_pages_huge_pmd.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { __pte_alloc, pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_alloc } from '../pgtable.js'
import { anon_vma_prepare } from '../rmap/anon_vma.js'
import type { MovePlaces } from './move_places.js'
import { move_pages_ptes } from './move_pages_ptes.js'

/** UFFDIO_MOVE_MODE_…: whether to wake those who wait, and whether there may be nothing to move. */
export const UFFDIO_MOVE_MODE_DONTWAKE = 1
export const UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES = 2

const REGISTERED = VM_UFFD_MISSING | VM_UFFD_WP
const UNMOVABLE = VM_PFNMAP | VM_IO | VM_HUGETLB | VM_MIXEDMAP | VM_SHARED

/** mm/userfaultfd.c:validate_move_areas, and that both ranges are inside their VMAs. */
function* validate_move_areas(src: Vma, dst: Vma, src_end: number, dst_end: number): Steps<boolean> {
  const from = yield* load(src.vm_flags, { label: 'src_vma->vm_flags' })
  const to = yield* load(dst.vm_flags, { label: 'dst_vma->vm_flags' })
  if (src_end > (yield* load(src.vm_end, { label: 'src_vma->vm_end' })) || dst_end > (yield* load(dst.vm_end, { label: 'dst_vma->vm_end' }))) return false
  if ((from ^ to) & (VM_ACCESS_FLAGS | VM_LOCKED) || !(from & VM_WRITE) || (from | to) & UNMOVABLE || !(to & REGISTERED)) return false
  return (yield* load(src.vm_file, { label: 'vma_is_anonymous(src_vma)' })) === 0 && (yield* load(dst.vm_file, { label: 'vma_is_anonymous(dst_vma)' })) === 0
}

/** mm/userfaultfd.c:uffd_move_lock. The two VMAs, with the mmap_lock held for reading; or a negative error number. */
function* uffd_move_lock(mm: Mm, dst_start: number, src_start: number): Steps<{ readonly dst: Vma; readonly src: Vma } | number> {
  yield* mmap_read_lock(mm)
  const dst = yield* vma_lookup(mm, dst_start)
  if (dst) yield* anon_vma_prepare(dst)
  const src = dst && (yield* vma_lookup(mm, src_start))
  if (src) return { dst, src }
  yield* mmap_read_unlock(mm)
  return -ENOENT
}

/** A huge entry that cannot go as a whole is split. -EAGAIN then, or -EBUSY if others have the page. */
function* split_to_move({ mm, src_vma, src_pmdp, src_addr }: MovePlaces, pmd: Pmd): Steps<number> {
  const page = pmd_present(pmd) ? kernel().page(pmd_pfn(pmd)) : undefined
  const shared = page !== undefined && page !== kernel().memory.hugeZeroPage &&
    !((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive)
  yield* pmd_unlock(mm)
  if (shared) return -EBUSY
  yield* __split_huge_pmd(mm, src_vma, src_pmdp, src_addr, false)
  return -EAGAIN
}

const is_huge = (pmd: Pmd): boolean => pmd_trans_huge(pmd) || is_swap_pmd(pmd)

/** One step of the loop: pages that went, or a negative error number. */
function* move_some(places: MovePlaces, holes: boolean): Steps<number> {
  const { mm, src_pmdp, dst_pmdp, src_addr, dst_addr, len } = places
  const size = kernel().geometry.ptrsPerPte
  const dst_pmd = yield* pmdp_get(dst_pmdp)
  if (pmd_trans_huge(dst_pmd)) return -EEXIST
  if (is_huge(yield* pmdp_get(src_pmdp))) {
    yield* pmd_lock(mm)
    const pmd = yield* pmdp_get(src_pmdp)
    if (is_huge(pmd)) {
      if (src_addr % size || dst_addr % size || len < size || !pmd_none(dst_pmd)) return yield* split_to_move(places, pmd)
      return (yield* move_pages_huge_pmd(places)) || size
    }
    yield* pmd_unlock(mm)
  }
  if (pmd_none(yield* pmdp_get(src_pmdp))) {
    if (!holes) return -ENOENT
    yield* __pte_alloc(mm, src_pmdp)
  }
  yield* pte_alloc(mm, dst_pmdp)
  return yield* move_pages_ptes(places, holes)
}

/** All of the range, or up to the first error. */
function* move_range(mm: Mm, dst_vma: Vma, src_vma: Vma, dst_start: number, src_start: number, len: number, holes: boolean): Steps<number> {
  let done = 0
  while (done < len) {
    const src_addr = src_start + done
    const dst_addr = dst_start + done
    const moved = yield* move_some({
      mm, dst_vma, src_vma, dst_addr, src_addr, len: len - done, dst_pmdp: pmd_offset(mm, dst_addr), src_pmdp: pmd_offset(mm, src_addr),
    }, holes)
    if (moved > 0) done += moved
    else if (moved !== -EAGAIN) return done || moved
  }
  return done
}

/**
 * mm/userfaultfd.c:move_pages of UFFDIO_MOVE: private anonymous pages change their address, without a copy. Pages that went, or a
 * negative error number. A monitor gets no events here, so that nothing says that mappings change (map_changing_lock).
 */
export function* move_pages(mm: Mm, dst_start: number, src_start: number, len: number, mode: number): Steps<number> {
  const found = yield* uffd_move_lock(mm, dst_start, src_start)
  if (typeof found === 'number') return found
  const valid = yield* validate_move_areas(found.src, found.dst, src_start + len, dst_start + len)
  if (valid) yield* transfer_starts(mm, src_start, src_start + len)
  const moved = valid ? yield* move_range(mm, found.dst, found.src, dst_start, src_start, len, (mode & UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES) !== 0) : -EINVAL
  if (valid) yield* promise(mm, src_start, src_start, 'no access', 'UFFDIO_MOVE')
  yield* mmap_read_unlock(mm)
  return moved
}
