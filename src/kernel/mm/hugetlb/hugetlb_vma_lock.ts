import type { Access, Cell } from '../../../engine/model/memory.js'
import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import { HPAGE_RESV_OWNER, type HugetlbVmaLock } from '../../include/resv_map.js'
import { VM_HUGETLB, VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_read, down_write, down_write_trylock, up_read, up_write } from '../../locking/rwsem.js'
import { slab_alloc, slab_free } from '../../slab.js'

/*
 * mm/hugetlb.c: the lock of a mapping. Faults hold it for reading, so that the table that they work on is not unshared. Of a
 * shared mapping it is its own, of a private one that of its reservations; a private mapping of a child has none.
 */

/** include/linux/hugetlb_inline.h:is_vm_hugetlb_page. No step in a kernel without hugetlbfs. */
export function* is_vm_hugetlb_page(vma: Vma): Steps<boolean> {
  if (kernel().geometry.hugetlbPages === 0) return false
  return ((yield* load(vma.vm_flags, { label: 'is_vm_hugetlb_page(vma)' })) & VM_HUGETLB) !== 0
}

const SHARED = VM_HUGETLB | VM_MAYSHARE

/** hugetlb_vma_lock_alloc, of a VMA that nobody can find yet. */
export const hugetlb_vma_lock_alloc = (m: Access, vma: Vma): void => {
  m.set(vma.vm_private_data, 0)
  if ((m.get(vma.vm_flags) & SHARED) !== SHARED) return
  const lock = slab_alloc(m, kernel().hugetlbVmaLocks)
  m.set(lock.refs, 1)
  m.set(lock.rw_sema, 0)
  m.set(lock.vma, vma.ref)
  m.set(vma.vm_private_data, lock.ref)
}

/** hugetlb_vm_op_open, of a VMA that is a copy of another in its address space. A private one has the same reservations. */
export const hugetlb_vm_op_open = (m: Access, copy: Vma, vma: Vma): void => {
  hugetlb_vma_lock_alloc(m, copy)
  if ((m.get(copy.vm_flags) & SHARED) !== VM_HUGETLB) return
  const data = m.get(vma.vm_private_data)
  m.set(copy.vm_private_data, data)
  const resv = data & HPAGE_RESV_OWNER ? kernel().resvMaps.at(data >>> 2) : undefined
  if (resv) m.set(resv.refs, m.get(resv.refs) + 1)
}

/** __vma_shareable_lock, __vma_private_lock */
const lock_of = (vma: Vma): Step<Cell | undefined> =>
  atomic('__vma_shareable_lock(vma)', (m) => {
    const data = m.get(vma.vm_private_data)
    if (m.get(vma.vm_flags) & VM_MAYSHARE) return kernel().hugetlbVmaLocks.at(data)?.rw_sema
    return data & HPAGE_RESV_OWNER ? kernel().resvMaps.at(data >>> 2)?.rw_sema : undefined
  })

export function* hugetlb_vma_lock_read(vma: Vma): Steps {
  const lock = yield* lock_of(vma)
  if (lock !== undefined) yield* down_read(lock, 'hugetlb_vma_lock_read(vma)')
}

export function* hugetlb_vma_unlock_read(vma: Vma): Steps {
  const lock = yield* lock_of(vma)
  if (lock !== undefined) yield* up_read(lock, 'hugetlb_vma_unlock_read(vma)')
}

export function* hugetlb_vma_lock_write(vma: Vma): Steps {
  const lock = yield* lock_of(vma)
  if (lock !== undefined) yield* down_write(lock, 'hugetlb_vma_lock_write(vma)')
}

export function* hugetlb_vma_trylock_write(vma: Vma): Steps<boolean> {
  const lock = yield* lock_of(vma)
  return lock === undefined || (yield* down_write_trylock(lock, 'hugetlb_vma_trylock_write(vma)'))
}

export function* hugetlb_vma_unlock_write(vma: Vma): Steps {
  const lock = yield* lock_of(vma)
  if (lock !== undefined) yield* up_write(lock, 'hugetlb_vma_unlock_write(vma)')
}

/** kref_put(&vma_lock->refs, hugetlb_vma_lock_release) */
export const hugetlb_vma_lock_put = (lock: HugetlbVmaLock): Step<void> =>
  atomic('kref_put(&vma_lock->refs)', (m) => {
    m.set(lock.refs, m.get(lock.refs) - 1)
    if (m.get(lock.refs) === 0) slab_free(m, kernel().hugetlbVmaLocks, lock)
  })

function* __hugetlb_vma_unlock_write_put(vma: Vma, lock: HugetlbVmaLock): Steps {
  yield* store(lock.vma, 0, { label: 'vma_lock->vma = NULL' })
  yield* store(vma.vm_private_data, 0, { label: 'vma->vm_private_data = NULL' })
  yield* up_write(lock.rw_sema, '__hugetlb_vma_unlock_write_put(vma_lock)')
  yield* hugetlb_vma_lock_put(lock)
}

const shareable_lock = (vma: Vma): Step<HugetlbVmaLock | undefined> =>
  atomic('vma_lock = vma->vm_private_data', (m) =>
    (m.get(vma.vm_flags) & VM_MAYSHARE ? kernel().hugetlbVmaLocks.at(m.get(vma.vm_private_data)) : undefined))

/** __hugetlb_vma_unlock_write_free: from here on nobody shares the tables of this VMA. */
export function* __hugetlb_vma_unlock_write_free(vma: Vma): Steps {
  const lock = yield* shareable_lock(vma)
  if (lock) yield* __hugetlb_vma_unlock_write_put(vma, lock)
  else yield* hugetlb_vma_unlock_write(vma)
}

/** hugetlb_vma_lock_free */
export function* hugetlb_vma_lock_free(vma: Vma): Steps {
  const lock = yield* shareable_lock(vma)
  if (!lock) return
  yield* down_write(lock.rw_sema, 'down_write(&vma_lock->rw_sema)')
  yield* __hugetlb_vma_unlock_write_put(vma, lock)
}
