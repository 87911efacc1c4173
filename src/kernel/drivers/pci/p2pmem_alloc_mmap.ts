import { atomic, choose, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import { rcu_read_lock, rcu_read_unlock } from '../../../machine/rcu.js'
import { add } from '../../include/cells.js'
import { ENODEV, ENOMEM } from '../../include/errno.js'
import { VM_FAULT_NOPAGE, VM_FAULT_OOM, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { folio_get, set_page_count } from '../../include/page_ref.js'
import { VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_MIXEDMAP, VM_READ, VM_SHARED, VM_WRITE } from '../../include/vm_flags.js'
import type { VmOperations } from '../../include/vm_operations.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { vm_insert_page } from '../../mm/memory/insert_page.js'
import { vmf_insert_mixed } from '../../mm/memory/vmf_insert_mixed.js'
import { percpu_ref_tryget_live, put_dev_pagemap } from '../../mm/memremap/get_dev_pagemap.js'
import { mmap_region } from '../../mm/mmap/mmap_region.js'
import { put_page } from '../../mm/swap/folio_put.js'
import { gen_pool_alloc, gen_pool_free, kernfs_get_active, kernfs_put_active, type PciP2pdma } from './p2pdma.js'

/** A page of the pool, with a reference to the pagemap; undefined if there is none, or the device goes. */
function* alloc(p2pdma: PciP2pdma): Steps<Page | undefined> {
  yield* rcu_read_lock()
  const page = yield* gen_pool_alloc(p2pdma)
  const live = page !== undefined && (yield* percpu_ref_tryget_live(p2pdma.pgmap))
  yield* rcu_read_unlock()
  if (page && !live) yield* gen_pool_free(p2pdma, page)
  return live ? page : undefined
}

/** It could not be mapped: whoever allocates it next may do so before its count is 0 again. */
function* insert_failed(p2pdma: PciP2pdma, page: Page): Steps {
  const counts = has('p2pdma-ref0')
  const first = has('p2pdma-uncounts-first')
  if (counts && first) yield* set_page_count(page, 0)
  yield* gen_pool_free(p2pdma, page)
  if (counts && !first) yield* set_page_count(page, 0)
}

/**
 * drivers/pci/p2pdma.c:p2pmem_alloc_mmap, as merged in 6.2: a counted mapping of a page that has a reference to the pagemap for
 * itself. The last mapping or pin that goes gives it back. Free pages have no reference since 7.3, and one before.
 */
export function* p2pmem_alloc_mmap(p2pdma: PciP2pdma, vma: Vma, address: number): Steps<number> {
  const page = yield* alloc(p2pdma)
  if (!page) return -ENOMEM
  if (has('p2pdma-ref0')) yield* set_page_count(page, 1)
  const fails = has('insert-fails') && (yield* choose(2, { label: 'a page table is allocated' })) === 1
  const error = fails ? -ENOMEM : yield* vm_insert_page(vma, address, page)
  if (error) yield* insert_failed(p2pdma, page)
  else {
    yield* fetchAdd(p2pdma.pgmap.ref, 1, { label: 'percpu_ref_get(ref)' })
    yield* put_page(page)
  }
  yield* put_dev_pagemap(p2pdma.pgmap)
  return error
}

/** pci_p2pdma_vma_fault of the third version: a page for the VMA, with one reference to it, and a devmap entry. */
function* pci_p2pdma_vma_fault(p2pdma: PciP2pdma, { vma, address }: VmFault): Steps<number> {
  if (!has('p2pdma-v3')) return VM_FAULT_SIGBUS
  const kaddr = p2pdma.maps[vma.ref - 1]!
  let pfn = yield* load(kaddr, { label: 'pmap->kaddr' })
  if (!pfn) {
    const page = yield* alloc(p2pdma)
    if (!page) return VM_FAULT_OOM
    yield* folio_get(page)
    yield* store(kaddr, page.pfn, { label: 'pmap->kaddr = kaddr' })
    pfn = page.pfn
  }
  yield* vmf_insert_mixed(vma, address, pfn, { devmap: true, write: false })
  return VM_FAULT_NOPAGE
}

/** pci_p2pdma_vma_close of the third version: the caller of the unmapping drops the reference. */
function* pci_p2pdma_vma_close(p2pdma: PciP2pdma, vma: Vma): Steps {
  const kaddr = p2pdma.maps[vma.ref - 1]!
  const pfn = yield* load(kaddr, { label: 'pmap->kaddr' })
  if (!pfn) return
  yield* store(kaddr, 0, { label: 'pmap->kaddr = NULL' })
  yield* put_page(kernel().page(pfn))
}

/** The merged form maps at mmap(), and counts: a fault afterwards is an error (fs/kernfs/file.c:kernfs_vma_fault). */
export const pci_p2pdma_vmops = (p2pdma: PciP2pdma): VmOperations => ({
  fault: (vmf) => pci_p2pdma_vma_fault(p2pdma, vmf),
  close: (vma) => pci_p2pdma_vma_close(p2pdma, vma),
})

/** mmap() of the memory of a PCI device, one page. 0 or a negative error number. */
export function* p2pmem_mmap(p2pdma: PciP2pdma, mm: Mm, address: number): Steps<number> {
  const { mapping } = p2pdma
  if (!mapping) return -ENODEV
  yield* mmap_write_lock(mm)
  if (!(yield* kernfs_get_active(p2pdma))) {
    yield* mmap_write_unlock(mm)
    return -ENODEV
  }
  const flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_SHARED | VM_MAYSHARE | VM_MIXEDMAP
  yield* atomic('get_file(file)', (m) => void add(m, mapping.f_count, 1))
  const vma = yield* mmap_region(mm, address, 1, flags, 0, mapping.ref)
  const error = has('p2pdma-v3') ? 0 : yield* p2pmem_alloc_mmap(p2pdma, vma, address)
  yield* kernfs_put_active(p2pdma)
  yield* mmap_write_unlock(mm)
  return error
}
