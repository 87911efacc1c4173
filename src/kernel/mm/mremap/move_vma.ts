import { atomic, clearBits, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import { VM_ACCOUNT, VM_LOCKED, VM_LOCKED_CLEAR_MASK, VM_MERGEABLE, VM_UFFD_MISSING, VM_UFFD_WP } from '../../include/vm_flags.js'
import { userfaultfd_wp } from '../../include/userfaultfd.js'
import type { Vma } from '../../include/vma.js'
import { clear_vma_resv_huge_pages } from '../hugetlb/hugetlb_vm_op_close.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { unmerge_ksm_pages } from '../ksm/unmerge_ksm_pages.js'
import { find_vma_range, type VmaRange } from '../mmap/for_each_vma_part.js'
import { do_munmap } from '../mmap/munmap.js'
import { split_vma } from '../mmap/split_vma.js'
import { first_vma_above } from '../mmap/vma_list.js'
import { unlink_anon_vmas } from '../rmap/anon_vma.js'
import { copy_vma } from './copy_vma.js'
import { move_page_tables } from './move_page_tables.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** MREMAP_DONTUNMAP: the old VMA stays, empty. */
const keep_old = (vma: Vma, start: number, end: number) =>
  atomic('MREMAP_DONTUNMAP: vma->vm_flags', (m) => {
    m.set(vma.vm_flags, m.get(vma.vm_flags) & VM_LOCKED_CLEAR_MASK)
    if (m.get(vma.vm_start) !== start || m.get(vma.vm_end) !== end) return
    unlink_anon_vmas(m, vma)
    if (!m.get(vma.vm_file)) m.set(vma.vm_pgoff, start)
  })

/** The pieces of the old VMA that are left are accounted again. */
const restore_account = (mm: Mm, vma: Vma, excess: boolean, split: boolean) =>
  atomic('vma->vm_flags |= VM_ACCOUNT', (m) => {
    if (!excess) return
    m.set(vma.vm_flags, m.get(vma.vm_flags) | VM_ACCOUNT)
    const above = split ? first_vma_above(m, mm, m.get(vma.vm_end)) : undefined
    if (above) m.set(above.vm_flags, m.get(above.vm_flags) | VM_ACCOUNT)
  })

/** Of a monitor that gets no events. */
const UFFD = VM_UFFD_WP | VM_UFFD_MISSING

/** mm/mremap.c:move_vma */
export function* move_vma(mm: Mm, from: VmaRange, addr: number, len: number, new_addr: number, dontunmap: boolean): Steps {
  yield* vma_start_write(from.vma)
  if (from.vm_flags & VM_MERGEABLE) yield* unmerge_ksm_pages(mm, from.vma, addr, addr + len)
  if (dontunmap && from.vm_flags & VM_LOCKED) {
    if (from.start !== addr) yield* split_vma(mm, from.vma, addr, true)
    if (from.end !== addr + len) yield* split_vma(mm, from.vma, addr + len, false)
  }
  const now = (yield* find_vma_range(mm, addr))!
  const pgoff = yield* atomic('vma->vm_pgoff', (m) => m.get(now.vma.vm_pgoff) + addr - now.start)
  const { vma, new_vma, need_rmap_locks } = yield* copy_vma(mm, now, new_addr, len, pgoff, dontunmap)
  const clear_uffd_wp = userfaultfd_wp(from.vm_flags)
  yield* move_page_tables({ mm, vma, new_vma, need_rmap_locks, clear_uffd_wp }, addr, new_addr, len)
  if (from.vm_flags & UFFD) yield* clearBits(new_vma.vm_flags, UFFD, { label: 'mremap_userfaultfd_prep(new_vma)' })
  if (yield* is_vm_hugetlb_page(vma)) yield* clear_vma_resv_huge_pages(vma)
  if (dontunmap) return void (yield* keep_old(vma, addr, addr + len))
  const account = yield* atomic('vma->vm_flags &= ~VM_ACCOUNT', (m) => {
    if (!(from.vm_flags & VM_ACCOUNT)) return { excess: false, split: false }
    m.set(vma.vm_flags, m.get(vma.vm_flags) & ~VM_ACCOUNT)
    const [start, end] = [m.get(vma.vm_start), m.get(vma.vm_end)]
    return { excess: end - start > len, split: addr > start && addr + len < end }
  })
  yield* do_munmap(mm, addr, len)
  if (from.vm_flags & VM_LOCKED) yield* atomic('mm->locked_vm += pages', (m) => void add(m, mm.locked_vm, len))
  yield* restore_account(mm, vma, account.excess, account.split)
}
