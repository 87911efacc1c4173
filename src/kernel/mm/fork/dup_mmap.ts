import { atomic, fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_mm } from '../../../machine/flush.js'
import { add } from '../../include/cells.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import { VM_DONTCOPY, VM_LOCKED_CLEAR_MASK, VM_UFFD_MISSING, VM_UFFD_WP, VM_WIPEONFORK } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { ksm_fork } from '../ksm/ksm_enter.js'
import { mmap_write_lock, mmap_write_lock_nested, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { SINGLE_DEPTH_NESTING } from '../../locking/spinlock.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { fork_done, fork_starts } from '../../observer.js'
import { hugetlb_vma_lock_alloc } from '../hugetlb/hugetlb_vma_lock.js'
import { copy_page_range } from '../memory/copy_page_range.js'
import { might_alloc } from '../might_alloc.js'
import { i_mmap_insert_after } from '../mmap/i_mmap.js'
import { vma_open } from '../mmap/vma_open.js'
import { vma_insert, vmas_of_mm } from '../mmap/vma_list.js'
import { anon_vma_fork } from '../rmap/anon_vma.js'
import { vm_area_alloc } from '../mmap_lock/vma_area.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** The child's VMA, in its mm; its anon_vma not yet. */
const vm_area_dup = (mm: Mm, vma: Vma) =>
  atomic('tmp = vm_area_dup(mpnt)', (m) => {
    const copy = vm_area_alloc(m)
    for (const field of ['vm_start', 'vm_end', 'vm_flags', 'vm_page_prot', 'vm_pgoff', 'vm_file'] as const) {
      m.set(copy[field], m.get(vma[field]))
    }
    m.set(copy.vm_mm, mm.ref)
    m.set(copy.anon_vma, 0)
    m.set(copy.anon_vma_chain, 0)
    hugetlb_vma_lock_alloc(m, copy)
    return copy
  })

/** Makes the file know the child's VMA. */
function* link_file(vma: Vma, parent: Vma): Steps {
  const file = kernel().files.at(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  if (!file) return
  yield* fetchAdd(file.f_count, 1, { label: 'get_file(file)' })
  yield* down_write(file.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* atomic('vma_interval_tree_insert()', (m) => i_mmap_insert_after(m, vma, parent))
  yield* up_write(file.i_mmap_rwsem, 'i_mmap_unlock_write()')
}

/** Without UFFD_FEATURE_EVENT_FORK the child's memory has no monitor (fs/userfaultfd.c:dup_userfaultfd). */
function* dup_vma(mm: Mm, oldmm: Mm, vma: Vma): Steps<boolean> {
  if (has('fb49c455323f')) yield* vma_start_write(vma)
  const vm_flags = yield* load(vma.vm_flags, { label: 'mpnt->vm_flags' })
  if (vm_flags & VM_DONTCOPY) return true
  yield* might_alloc(GFP_KERNEL)
  const copy = yield* vm_area_dup(mm, vma)
  if (!(vm_flags & VM_WIPEONFORK)) yield* anon_vma_fork(copy, vma)
  yield* atomic('mas_store(tmp)', (m) => {
    m.set(copy.vm_flags, vm_flags & VM_LOCKED_CLEAR_MASK & ~(VM_UFFD_WP | VM_UFFD_MISSING))
    vma_insert(m, mm, copy)
    add(m, mm.map_count, 1)
  })
  yield* link_file(copy, vma)
  const copied = vm_flags & VM_WIPEONFORK ? true : yield* copy_page_range({ src_mm: oldmm, dst_mm: mm, src_vma: vma, dst_vma: copy, vm_flags })
  yield* vma_open(copy)
  return copied
}

/** kernel/fork.c:dup_mmap. The parent's TLB is flushed once, when all VMAs are copied. False: not all could be. */
export function* dup_mmap(mm: Mm, oldmm: Mm): Steps<boolean> {
  yield* mmap_write_lock(oldmm)
  yield* mmap_write_lock_nested(mm, SINGLE_DEPTH_NESTING)
  yield* fork_starts(oldmm, mm)
  yield* ksm_fork(mm, oldmm)
  const vmas = yield* atomic('mas_for_each(oldmm)', (m) => vmas_of_mm(m, oldmm))
  let copied = true
  for (const vma of vmas) {
    copied = yield* dup_vma(mm, oldmm, vma)
    if (!copied) break
  }
  yield* mmap_write_unlock(mm)
  yield* flush_tlb_mm(oldmm)
  yield* fork_done(oldmm, mm)
  yield* mmap_write_unlock(oldmm)
  return copied
}
