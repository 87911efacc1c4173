import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { add } from '../../include/cells.js'
import { EINVAL, EPERM } from '../../include/errno.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import { VM_HUGETLB, VM_LOCKED, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_SHARED, VM_SOFTDIRTY, VM_ACCOUNT, VM_WRITE, VM_NORESERVE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { slab_alloc } from '../../slab.js'
import { hugetlb_vma_lock_alloc } from '../hugetlb/hugetlb_vma_lock.js'
import { might_alloc } from '../might_alloc.js'
import { i_mmap_insert } from './i_mmap.js'
import { can_modify_range } from '../mseal/sys_mseal.js'
import { do_munmap } from './munmap.js'
import { vma_expand } from './vma_expand.js'
import { can_vma_merge_after, can_vma_merge_before, type VmaShape } from './vma_compatible.js'
import { first_vma_above, last_vma_below, vma_insert } from './vma_list.js'
import { calc_vm_prot_bits, vm_get_page_prot, vma_set_page_prot } from './vm_page_prot.js'
import { vm_area_alloc } from '../mmap_lock/vma_area.js'

/** How an existing VMA can grow to take the new range in. */
interface Expansion {
  readonly vma: Vma
  readonly start: number
  readonly end: number
  readonly pgoff: number
  readonly next: Vma | undefined
}

/** mm/mmap.c:__mmap_region: can a neighbour be expanded? */
const find_expansion = (m: Access, mm: Mm, addr: number, end: number, shape: VmaShape): Expansion | undefined => {
  const next = first_vma_above(m, mm, addr)
  const prev = last_vma_below(m, mm, addr)
  const after = next && m.get(next.vm_start) === end &&
    can_vma_merge_before(m, next, { ...shape, pgoff: shape.pgoff + end - addr }) ? next : undefined
  const withAfter = after ? { ...shape, anon_vma: m.get(after.anon_vma) } : shape
  const before = prev && m.get(prev.vm_end) === addr && can_vma_merge_after(m, prev, withAfter) ? prev : undefined
  const vma = before ?? after
  if (!vma) return undefined
  return {
    vma,
    start: before ? m.get(before.vm_start) : addr,
    end: after ? m.get(after.vm_end) : end,
    pgoff: before ? m.get(before.vm_pgoff) : m.get(after!.vm_pgoff) - (end - addr),
    next,
  }
}

/** mm/shmem.c:shmem_zero_setup: a file of its own for a shared anonymous mapping. */
export const shmem_zero_setup = (m: Access, pages: number): number => {
  const file = slab_alloc(m, kernel().files)
  m.set(file.i_mmap, 0)
  m.set(file.nrpages, 0)
  m.set(file.f_count, 1)
  m.set(file.i_size, pages)
  m.set(file.i_rwsem, 0)
  if (file.resv_map) m.set(file.resv_map.regions, 0)
  for (const entry of file.i_pages) m.set(entry, 0)
  return file.ref
}

/** A file that is open, of `pages` pages, as one step. */
export const shmem_file_setup = (pages: number): Step<AddressSpace> =>
  atomic('file = shmem_file_setup()', (m) => kernel().files.deref(shmem_zero_setup(m, pages)))

/** vm_area_alloc() of a VMA that nobody can find yet. */
export const new_vma = (m: Access, mm: Mm, addr: number, end: number, shape: VmaShape): Vma => {
  const vma = vm_area_alloc(m)
  m.set(vma.vm_start, addr)
  m.set(vma.vm_end, end)
  m.set(vma.vm_mm, mm.ref)
  m.set(vma.vm_flags, shape.vm_flags)
  m.set(vma.vm_page_prot, vm_get_page_prot(shape.vm_flags))
  m.set(vma.vm_pgoff, shape.pgoff)
  m.set(vma.anon_vma, 0)
  m.set(vma.anon_vma_chain, 0)
  hugetlb_vma_lock_alloc(m, vma)
  if (shape.file) add(m, kernel().files.deref(shape.file).f_count, 1)
  m.set(vma.vm_file, shape.vm_flags & (VM_SHARED | VM_HUGETLB) ? shape.file || shmem_zero_setup(m, end - addr) : shape.file)
  return vma
}

const mark_new = (m: Access, vma: Vma): void => {
  m.set(vma.vm_flags, m.get(vma.vm_flags) | VM_SOFTDIRTY)
  vma_set_page_prot(m, vma)
}

/** Now it can be found, by address and through its file. */
export const vma_link = (m: Access, mm: Mm, vma: Vma): void => {
  vma_insert(m, mm, vma)
  i_mmap_insert(m, vma)
  add(m, mm.map_count, 1)
  mark_new(m, vma)
}

/** mm/mmap.c:mmap_region, not of hugetlbfs. The mmap_lock is held for writing. */
export function* mmap_region(mm: Mm, addr: number, len: number, flags: number, pgoff: number, file = 0): Steps<Vma> {
  const end = addr + len
  yield* do_munmap(mm, addr, len)
  const accountable = !file && (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE
  const shape: VmaShape = { vm_flags: accountable ? flags | VM_ACCOUNT : flags, anon_vma: 0, file, pgoff }
  const grow = yield* atomic('can_vma_merge_before/after()', (m) =>
    flags & VM_SHARED && !file ? undefined : find_expansion(m, mm, addr, end, shape))
  const expanded = grow && (yield* vma_expand(mm, grow.vma, grow.start, grow.end, grow.pgoff, grow.next))
  if (!expanded) yield* might_alloc(GFP_KERNEL)
  return yield* atomic(expanded ? 'vma->vm_flags |= VM_SOFTDIRTY' : 'vma = vm_area_alloc(mm)', (m) => {
    if (shape.vm_flags & VM_LOCKED) add(m, mm.locked_vm, len)
    const vma = expanded ? grow.vma : new_vma(m, mm, addr, end, shape)
    if (expanded) mark_new(m, vma)
    else vma_link(m, mm, vma)
    return vma
  })
}

/**
 * mmap() of anonymous memory at a fixed address, `len` pages. `shared`: MAP_SHARED, with a shmem file of its own.
 * 0 or a negative error number.
 */
export function* sys_mmap(mm: Mm, addr: number, len: number, prot: number, shared: boolean): Steps<number> {
  if (len <= 0) return -EINVAL
  const may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC
  const flags = calc_vm_prot_bits(prot) | may | (shared ? VM_SHARED | VM_MAYSHARE : 0)
  yield* mmap_write_lock(mm)
  const sealed = !(yield* can_modify_range(mm, addr, addr + len))
  if (!sealed) yield* mmap_region(mm, addr, len, flags, shared ? 0 : addr)
  yield* mmap_write_unlock(mm)
  return sealed ? -EPERM : 0
}
