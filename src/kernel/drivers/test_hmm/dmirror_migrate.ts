import { load, type Steps, store } from '../../../engine/model/step.js'
import { EINVAL } from '../../include/errno.js'
import {
  MIGRATE_PFN_MIGRATE, MIGRATE_PFN_VALID, MIGRATE_PFN_WRITE, migrate_pfn, MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE, MIGRATE_VMA_SELECT_SYSTEM, type MigrateVma,
} from '../../include/migrate_vma.js'
import type { Mm } from '../../include/mm.js'
import { VM_READ, VM_WRITE } from '../../include/vm_flags.js'
import { kernel } from '../../kernel.js'
import { folio_lock } from '../../locking/folio_lock.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { clear_page, copy_page } from '../../mm/copy_page.js'
import { vma_lookup } from '../../mm/find_vma.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { migrate_device_finalize, migrate_device_pages } from '../../mm/migrate_device/migrate_device_pages.js'
import { migrate_pfn_to_page } from '../../mm/migrate_device/migrate_device_unmap.js'
import { migrate_vma_setup } from '../../mm/migrate_device/migrate_vma_setup.js'
import { alloc_page } from '../../mm/page_alloc.js'
import { dmirror_do_read } from './dmirror_access.js'
import { BACKING_PAGE, dmirror_devmem_alloc_page } from './devmem.js'
import { type Dmirror, DPT_XA_TAG_WRITE } from './dmirror.js'

/** Pages that one call of migrate_vma_setup() handles. */
const BATCH = 64

/** lib/test_hmm.c:dmirror_select_device */
export const dmirror_select_device = (dmirror: Dmirror): number =>
  dmirror.mdevice.pagemap.coherent ? MIGRATE_VMA_SELECT_DEVICE_COHERENT : MIGRATE_VMA_SELECT_DEVICE_PRIVATE

/** One page of dmirror_migrate_alloc_and_copy(): an element of the dst array. */
function* alloc_and_copy(args: MigrateVma, dmirror: Dmirror, mpfn: number): Steps<number> {
  const spage = migrate_pfn_to_page(mpfn)
  if (!(mpfn & MIGRATE_PFN_MIGRATE) || (spage && kernel().memory.isDevice(spage))) return 0
  const dpage = yield* dmirror_devmem_alloc_page(dmirror.mdevice)
  if (!dpage) return 0
  const rpage = yield* BACKING_PAGE(dpage)
  if (spage) yield* copy_page(rpage, spage)
  else yield* clear_page(rpage)
  yield* store(rpage.lru, dmirror.index + 1, { label: 'rpage->zone_device_data' })
  const write = mpfn & MIGRATE_PFN_WRITE || (!spage && (yield* load(args.vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE)
  return migrate_pfn(dpage.pfn) | (write ? MIGRATE_PFN_WRITE : 0)
}

/** lib/test_hmm.c:dmirror_migrate_finalize_and_map: the device maps what it has now. */
function* finalize_and_map(args: MigrateVma, dmirror: Dmirror, src: readonly number[], dst: readonly number[]): Steps {
  yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
  for (const [i, mpfn] of src.entries()) {
    const dpage = mpfn & MIGRATE_PFN_MIGRATE ? migrate_pfn_to_page(dst[i]!) : undefined
    if (!dpage) continue
    const rpage = yield* BACKING_PAGE(dpage)
    const tag = dst[i]! & MIGRATE_PFN_WRITE ? DPT_XA_TAG_WRITE : 0
    yield* store(dmirror.pt[args.start + i]!, rpage.pfn * 4 + tag, { label: 'xa_store(pt, pfn)' })
  }
  yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
}

/** One page of dmirror_devmem_fault_alloc_and_copy(): an element of the dst array. */
function* fault_alloc_and_copy(dmirror: Dmirror, address: number, mpfn: number): Steps<number> {
  const spage = migrate_pfn_to_page(mpfn)
  if (!spage || !(mpfn & MIGRATE_PFN_MIGRATE) || !kernel().memory.isDevice(spage)) return 0
  const rpage = yield* BACKING_PAGE(spage)
  const dpage = yield* alloc_page()
  if (!dpage) return 0
  yield* folio_lock(dpage)
  yield* store(dmirror.pt[address]!, 0, { label: 'xa_erase(pt, pfn)' })
  yield* copy_page(dpage, rpage)
  return migrate_pfn(dpage.pfn) | (mpfn & MIGRATE_PFN_WRITE)
}

/** Migrates a range back to RAM. Pages that moved; undefined for -EINVAL. */
export function* dmirror_to_system(dmirror: Dmirror, args: MigrateVma): Steps<number | undefined> {
  const src = yield* migrate_vma_setup(args)
  if (!src) return undefined
  const dst: number[] = []
  for (const [i, mpfn] of src.entries()) dst.push(yield* fault_alloc_and_copy(dmirror, args.start + i, mpfn))
  const moved = yield* migrate_device_pages(src, dst, args)
  yield* migrate_device_finalize(moved, dst, args.fault_page)
  return moved.filter((mpfn) => mpfn & MIGRATE_PFN_VALID && mpfn & MIGRATE_PFN_MIGRATE).length
}

function* to_device(dmirror: Dmirror, args: MigrateVma): Steps<number | undefined> {
  const src = yield* migrate_vma_setup(args)
  if (!src) return undefined
  const dst: number[] = []
  for (const mpfn of src) dst.push(yield* alloc_and_copy(args, dmirror, mpfn))
  const moved = yield* migrate_device_pages(src, dst, args)
  yield* finalize_and_map(args, dmirror, moved, dst)
  yield* migrate_device_finalize(moved, dst, args.fault_page)
  return 0
}

type Migrate = (dmirror: Dmirror, args: MigrateVma) => Steps<number | undefined>

/** One piece after the other, up to the end of a VMA. Sum of the results, or -EINVAL. */
function* each_piece(dmirror: Dmirror, mm: Mm, start: number, end: number, flags: number, migrate: Migrate): Steps<number> {
  let sum = 0
  for (let at = start; at < end;) {
    const vma = yield* vma_lookup(mm, at)
    if (!vma || !((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_READ)) return -EINVAL
    const next = Math.min(end, at + BATCH, yield* load(vma.vm_end, { label: 'vma->vm_end' }))
    const done = yield* migrate(dmirror, { mm, vma, start: at, end: next, owner: dmirror.mdevice.pagemap, flags })
    if (done === undefined) return -EINVAL
    sum += done
    at = next
  }
  return sum
}

/** lib/test_hmm.c:dmirror_migrate_to_system. Number of pages that came back, or an error number. */
export function* dmirror_migrate_to_system(dmirror: Dmirror, mm: Mm, start: number, npages: number): Steps<number> {
  if (!(yield* mmget_not_zero(mm))) return -EINVAL
  yield* mmap_read_lock(mm)
  const done = yield* each_piece(dmirror, mm, start, start + npages, dmirror_select_device(dmirror), dmirror_to_system)
  yield* mmap_read_unlock(mm)
  yield* mmput(mm)
  return done
}

/**
 * lib/test_hmm.c:dmirror_migrate_to_device. Number of pages that the device can read afterwards; -ENOENT if it is not
 * all of them.
 */
export function* dmirror_migrate_to_device(dmirror: Dmirror, mm: Mm, start: number, npages: number): Steps<number> {
  if (!(yield* mmget_not_zero(mm))) return -EINVAL
  yield* mmap_read_lock(mm)
  const done = yield* each_piece(dmirror, mm, start, start + npages, MIGRATE_VMA_SELECT_SYSTEM, to_device)
  yield* mmap_read_unlock(mm)
  yield* mmput(mm)
  if (done < 0) return done
  yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
  const read = yield* dmirror_do_read(dmirror, start, start + npages)
  yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
  return read.error || read.values.length
}
