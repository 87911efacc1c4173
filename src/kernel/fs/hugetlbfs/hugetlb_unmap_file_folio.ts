import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Folio } from '../../include/page.js'
import { pte_pfn, pte_present } from '../../include/pgtable.js'
import type { HugetlbVmaLock } from '../../include/resv_map.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { huge_pte_offset, huge_ptep_get } from '../../mm/hugetlb/huge_pte.js'
import { hugetlb_vma_lock_put, hugetlb_vma_trylock_write, hugetlb_vma_unlock_write } from '../../mm/hugetlb/hugetlb_vma_lock.js'
import { unmap_hugepage_range } from '../../mm/hugetlb/unmap_hugepage_range.js'
import { vma_interval_tree } from '../../mm/mmap/vma_interval_tree.js'

/** The part of a VMA that maps the places [start, end) of its file; all from `start` on without `end`. */
export const vma_part = (vma: Vma, start: number, end?: number): Step<readonly [from: number, to: number]> =>
  atomic('v_start, v_end', (m) => {
    const vm_start = m.get(vma.vm_start)
    const first = m.get(vma.vm_pgoff)
    const last = first + m.get(vma.vm_end) - vm_start
    return [vm_start + Math.max(start, first) - first, vm_start + Math.min(end ?? last, last) - first]
  })

/** fs/hugetlbfs/inode.c:hugetlb_vma_maps_page. With i_mmap_rwsem, without the lock of the table. */
export function* hugetlb_vma_maps_page(vma: Vma, address: number, folio: Folio): Steps<boolean> {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const pte = yield* huge_pte_offset(mm, address)
  if (!pte) return false
  const entry = yield* huge_ptep_get(pte.ptep)
  return pte_present(entry) && pte_pfn(entry) === folio.pfn
}

/** A lock that could not be taken, with a reference to it: it may outlive its VMA. */
const hold_lock = (vma: Vma): Step<HugetlbVmaLock> =>
  atomic('kref_get(&vma_lock->refs)', (m) => {
    const lock = kernel().hugetlbVmaLocks.deref(m.get(vma.vm_private_data))
    m.set(lock.refs, m.get(lock.refs) + 1)
    return lock
  })

/** One round over the VMAs that map the place. Returns the lock that somebody else has. */
function* unmap_round(vmas: readonly Vma[], folio: Folio, index: number): Steps<HugetlbVmaLock | undefined> {
  for (const vma of vmas) {
    const [from, to] = yield* vma_part(vma, index, index + 1)
    if (from >= to || !(yield* hugetlb_vma_maps_page(vma, from, folio))) continue
    if (!(yield* hugetlb_vma_trylock_write(vma))) return yield* hold_lock(vma)
    yield* unmap_hugepage_range(vma, from, to)
    yield* hugetlb_vma_unlock_write(vma)
  }
  return undefined
}

/** Takes the lock and i_mmap_rwsem in order, and unmaps the page from that VMA if it is still there. */
function* unmap_waiting(mapping: AddressSpace, lock: HugetlbVmaLock, folio: Folio, index: number): Steps {
  yield* down_write(lock.rw_sema, 'down_write(&vma_lock->rw_sema)')
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  const vma = kernel().vmas.at(yield* load(lock.vma, { label: 'vma = vma_lock->vma' }))
  if (vma) {
    const [from, to] = yield* vma_part(vma, index, index + 1)
    if (yield* hugetlb_vma_maps_page(vma, from, folio)) yield* unmap_hugepage_range(vma, from, to)
  }
  yield* up_write(lock.rw_sema, 'up_write(&vma_lock->rw_sema)')
  yield* hugetlb_vma_lock_put(lock)
}

/**
 * fs/hugetlbfs/inode.c:hugetlb_unmap_file_folio. With the fault mutex of the page, and the page locked: nobody maps it again.
 * The lock of a VMA comes before i_mmap_rwsem, so it can only be tried here.
 */
export function* hugetlb_unmap_file_folio(mapping: AddressSpace, folio: Folio, index: number): Steps {
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  for (;;) {
    const lock = yield* unmap_round(yield* vma_interval_tree(mapping), folio, index)
    if (!lock) break
    yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
    yield* unmap_waiting(mapping, lock, folio, index)
  }
  yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
}
