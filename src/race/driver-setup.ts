import type { Cell, CellOptions } from '../engine/model/memory.js'
import { Sequence } from '../engine/model/sequence.js'
import type { Steps } from '../engine/model/step.js'
import { type Allocated, allocated } from '../kernel/drivers/allocation.js'
import { DevDax } from '../kernel/drivers/dax/dev_dax.js'
import { dax_mmap_flags } from '../kernel/fs/dax/dax_mmap_flags.js'
import { dax_vm_ops } from '../kernel/drivers/dax/dev_dax_fault.js'
import { mlx5_ib_invalidate_range } from '../kernel/drivers/infiniband/mlx5_ib_invalidate_range.js'
import { IbUmemOdp } from '../kernel/drivers/infiniband/umem_odp.js'
import { PciP2pdma } from '../kernel/drivers/pci/p2pdma.js'
import { pci_p2pdma_vmops } from '../kernel/drivers/pci/p2pmem_alloc_mmap.js'
import { p2pdma_pgmap_ops } from '../kernel/drivers/pci/pci_p2pdma_remove.js'
import { TtmBufferObject } from '../kernel/drivers/ttm/ttm_bo.js'
import { ttm_bo_mmap_flags } from '../kernel/drivers/ttm/ttm_bo_mmap_obj.js'
import { ttm_bo_vm_ops } from '../kernel/drivers/ttm/ttm_bo_vm.js'
import { DmaBuf, type DmaBufOps } from '../kernel/drivers/dma_buf/dma_buf.js'
import { type IoptPages, iopt_revoke_notify } from '../kernel/drivers/iommufd/iopt_pages.js'
import type { DmaMapping } from '../kernel/drivers/dma_mapping.js'
import { KfdProcess } from '../kernel/drivers/userptr/amdgpu/kfd/kfd_process.js'
import { xe_pagefault_handle_vma } from '../kernel/drivers/userptr/xe/xe_pagefault.js'
import { vma_userptr_notifier_ops } from '../kernel/drivers/userptr/xe/xe_userptr_invalidate.js'
import { XeUserptrVma } from '../kernel/drivers/userptr/xe/xe_userptr_vma.js'
import { VmwBo, type VmwBoOptions } from '../kernel/drivers/vmwgfx/vmw_bo.js'
import { vmw_vm_ops } from '../kernel/drivers/vmwgfx/vmw_vm_ops.js'
import { VfioPciDmaBuf } from '../kernel/drivers/vfio_pci/vfio_pci_dma_buf.js'
import { VfioPciDevice } from '../kernel/drivers/vfio_pci/vfio_pci_device.js'
import { vfio_pci_mmap_ops } from '../kernel/drivers/vfio_pci/vfio_pci_mmap_ops.js'
import { format_dax_entry } from '../kernel/fs/dax/dax_entry.js'
import { DaxInode } from '../kernel/fs/dax/dax_inode.js'
import { ext4_dax_vm_ops } from '../kernel/fs/dax/ext4_dax_fault.js'
import type { AddressSpace } from '../kernel/include/address_space.js'
import type { DevPagemap, DevPagemapOps, MemoryType } from '../kernel/include/dev_pagemap.js'
import { DmaResv } from '../kernel/include/dma_resv.js'
import { format_word } from '../kernel/include/format_word.js'
import type { Mm } from '../kernel/include/mm.js'
import { MmuIntervalNotifier, MmuNotifier, type MmuNotifierOps, type MmuNotifierRange } from '../kernel/include/mmu_notifier.js'
import type { Page } from '../kernel/include/page.js'
import { set_page_count } from '../kernel/include/page_ref.js'
import {
  VM_IO, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_PFNMAP, VM_READ, VM_SHARED, VM_WRITE,
} from '../kernel/include/vm_flags.js'
import type { VmOperations } from '../kernel/include/vm_operations.js'
import type { Vma } from '../kernel/include/vma.js'
import type { WorkStruct } from '../kernel/include/workqueue.js'
import { has, type Kernel } from '../kernel/kernel.js'
import { TooSmall } from '../kernel/too_small.js'
import { mmu_interval_notifier_insert } from '../kernel/mm/mmu_interval_notifier.js'
import { mmu_notifier_free_rcu } from '../kernel/mm/mmu_notifier/mmu_notifier_get.js'
import { mmap_region, shmem_file_setup } from '../kernel/mm/mmap/mmap_region.js'
import { alloc_hugepage, alloc_page, alloc_pages } from '../kernel/mm/page_alloc.js'

export interface DeviceOptions {
  /** First address, in pages. Default 0. */
  readonly start?: number
  readonly pages: number
  /** From where in the file, in pages. Default 0. */
  readonly pgoff?: number
  /** Default: VM_PFNMAP | VM_IO. */
  readonly flags?: number
}

/** struct mmu_interval_notifier_ops: false, if it would have to wait and must not. */
export type IntervalInvalidate = (interval_sub: MmuIntervalNotifier, range: MmuNotifierRange, cur_seq: number) => Steps<boolean>

/** The same in two passes, since 7.3: who says 'finish' is called again when all others have been told. */
export interface TwoPasses {
  readonly invalidate_start: (interval_sub: MmuIntervalNotifier, range: MmuNotifierRange, cur_seq: number) => Steps<boolean | 'finish'>
  readonly invalidate_finish: (interval_sub: MmuIntervalNotifier) => Steps<unknown>
}

/** What `setup` of a race has for drivers that map memory of their own. */
export abstract class DriverSetup {
  abstract readonly kernel: Kernel
  abstract call<T>(code: Steps<T>): T
  abstract open(file: AddressSpace): AddressSpace

  /** A word of a driver's own, such as a lock. */
  cell(name: string, initial = 0, options?: CellOptions): Cell {
    return this.kernel.machine.memory.cell(name, initial, options)
  }

  /** A number of a driver's own that is counted up, remembered and compared. Cells that keep it are made with `{ keeps: true }`. */
  sequence(name: string): Sequence {
    return new Sequence(this.kernel.machine.memory, name)
  }

  /**
   * An object of a driver's own: a cell for each field. kfree() frees it, and O2 sees who uses it afterwards. `contains`: notifiers
   * that are part of it.
   */
  object<Fields extends string>(name: string, fields: Readonly<Record<Fields, number>>, ...contains: readonly (MmuNotifier | MmuIntervalNotifier)[]): Allocated<Fields> {
    const parts = contains.map((sub) => ('state' in sub ? [sub.mm, sub.start, sub.end, sub.invalidate_seq, sub.state] : [sub.mm, sub.users]))
    return allocated(this.kernel, name, fields, true, parts.flat())
  }

  /** So many that are not there yet: kzalloc() takes one after the other. */
  objects<Fields extends string>(name: string, count: number, fields: Readonly<Record<Fields, number>>): readonly Allocated<Fields>[] {
    return Array.from({ length: count }, (_, i) => allocated(this.kernel, `${name}${i}`, fields, false))
  }

  /** A page that a driver has allocated for itself. */
  driverPage(): Page {
    return this.keep(this.call(alloc_page()), 'pages')
  }

  /** The first of so many pages, one behind the other, that a driver has allocated for itself. */
  driverPages(count: number): Page {
    const [first, ...rest] = Array.from({ length: count }, () => this.driverPage())
    if (!first || rest.some((page, i) => page.pfn !== first.pfn + i + 1)) throw new Error('setup: the free pages are not in a row')
    return first
  }

  /** Of two pages that a driver has allocated in one piece, but not as one folio, the second: nobody counts references to it. */
  driverTailPage(): Page {
    const first = this.keep(this.call(alloc_pages()), 'hugePages')
    return this.keep(this.kernel.memory.blocks[first.block]?.pages[1], 'hugePages')
  }

  /** A huge page that a driver has allocated for itself. */
  driverHugePage(): Page {
    return this.keep(this.call(alloc_hugepage()), 'hugePages')
  }

  /** A device file whose driver does this for its mappings, and when there is one more. It stays open. */
  device(vm_ops: VmOperations, mmap?: AddressSpace['mmap']): AddressSpace {
    const file = this.call(shmem_file_setup(this.kernel.geometry.filePages))
    file.vm_ops = vm_ops
    file.mmap = mmap
    return file
  }

  /** A buffer object of a graphics driver that uses TTM, backed by this page or huge page, or by so many pages from it on. */
  bufferObject(page: Page, pages = 1): TtmBufferObject {
    const bo = new TtmBufferObject(this.kernel, `object${page.pfn}`, page, this.kernel.geometry.fences, pages)
    bo.mapping = this.device(ttm_bo_vm_ops(bo))
    this.kernel.bufferObjects.push(bo)
    return bo
  }

  /** An object of which a virtual graphics device has a copy, so that vmwgfx tracks what is written to it. */
  vmwBo(page: Page, options: VmwBoOptions): VmwBo {
    const bo = new VmwBo(this.kernel, page, options)
    bo.base.mapping = this.device(vmw_vm_ops(bo))
    this.kernel.vmwBos.push(bo)
    this.kernel.bufferObjects.push(bo.base)
    return bo
  }

  /** A device-dax device, with all of geometry.deviceDax, mapped by entries of `align` pages. */
  devDax(align = 1): DevDax {
    const devDax = new DevDax(this.kernel.machine.memory, this.kernel.memory.pagemapOfType('generic'), align)
    devDax.mapping = this.device(dax_vm_ops(devDax))
    return devDax
  }

  /** mmap() of a device-dax device. */
  mapDax(mm: Mm, { mapping }: DevDax, pages = 1): Vma {
    if (!mapping) throw new Error('the device has no file')
    return this.mapDevice(mm, mapping, { pages, flags: dax_mmap_flags() })
  }

  /** mmap() of a DAX file: `pages` from index `pgoff` on, at that address. */
  mapDaxFile(mm: Mm, mapping: AddressSpace, pages = 1, pgoff = 0): Vma {
    return this.mapDevice(mm, mapping, { start: pgoff, pages, pgoff, flags: dax_mmap_flags() })
  }

  /** A file of a filesystem with DAX; its blocks are all of geometry.fsdax. Mapped with mapDaxFile(). */
  daxFile(options: { /** In extents that huge entries can map. */ readonly huge?: boolean } = {}): { readonly inode: DaxInode; readonly mapping: AddressSpace } {
    const { memory } = this.kernel.machine
    const { pages } = this.kernel.memory.pagemapOfType('fs_dax')
    const inode = new DaxInode(memory, pages, options.huge ?? false)
    const mapping = this.device(ext4_dax_vm_ops(inode))
    mapping.dax_entries = memory.cells(`file${mapping.ref - 1}.dax_entries`, mapping.i_pages.length, 0, { format: format_dax_entry })
    inode.mapping = mapping
    return { inode, mapping }
  }

  /** A PCI device that hands out the memory of its BAR, all of geometry.p2pdma. Mapped with p2pmem_mmap(). */
  p2pdma(): PciP2pdma {
    const { kernel } = this
    const p2pdma = new PciP2pdma(kernel.machine.memory, kernel.memory.pagemapOfType('pci_p2pdma'), kernel.geometry.vmas)
    p2pdma.pgmap.ops = p2pdma_pgmap_ops(p2pdma)
    p2pdma.mapping = this.device(pci_p2pdma_vmops(p2pdma))
    if (has('p2pdma-ref0')) for (const page of p2pdma.pgmap.pages) this.call(set_page_count(page, 0))
    return p2pdma
  }

  /** A reservation: the lock of an object of a driver, and room for geometry.fences fences of work that uses it. */
  reservation(name: string): DmaResv {
    if (this.kernel.geometry.fences === 0) throw new TooSmall('fences')
    return new DmaResv(this.kernel, name, this.kernel.geometry.fences)
  }

  /** An entry of an IOMMU, for dma_map_sgtable(). `of`: user memory of which the driver is told that it goes, so that O11 judges its use. */
  dmaMapping(name: string, of: { readonly mm: Mm; readonly address: number } | undefined = undefined): DmaMapping {
    const mapping = { ...of, iommu_pte: this.kernel.cells.cell(`${name}.iommu_pte`, 0, { format: format_word }) }
    this.kernel.dmaMappings.push(mapping)
    return mapping
  }

  /** Work for a worker: a lane that is `worker_thread`. */
  work(name: string, func: () => Steps<unknown>): WorkStruct {
    const work = this.kernel.workqueue.work(name)
    work.func = func
    return work
  }

  /** What a driver subscribes with: mmu_notifier_register(), or mmu_notifier_get() with the same driver. */
  notifier(name: string, ops: MmuNotifierOps, driver: unknown = name): MmuNotifier {
    const { cells, geometry, mmuNotifiers, workqueue } = this.kernel
    const sub = Object.assign(new MmuNotifier(cells, name), { ops, driver })
    if (geometry.workers > 0) {
      mmuNotifiers.freeLater(sub, workqueue.work(`${name}.rcu`))
      sub.rcu!.func = () => mmu_notifier_free_rcu(sub)
    }
    mmuNotifiers.add(sub)
    return sub
  }

  /** The same for a range: mmu_interval_notifier_insert(). The callback must call mmu_interval_set_seq(). */
  intervalNotifier(name: string, ops: IntervalInvalidate | TwoPasses): MmuIntervalNotifier {
    const sub = new MmuIntervalNotifier(this.kernel.cells, name)
    if (typeof ops === 'function') sub.invalidate = (range, cur_seq) => ops(sub, range, cur_seq)
    else {
      sub.invalidate_start = (range, cur_seq) => ops.invalidate_start(sub, range, cur_seq)
      sub.invalidate_finish = () => ops.invalidate_finish(sub)
    }
    this.kernel.mmuNotifiers.addInterval(sub)
    return sub
  }

  /** All memory of devices of this type, and what its driver does with it. */
  devPagemap(type: MemoryType, ops: DevPagemapOps): DevPagemap {
    return Object.assign(this.kernel.memory.pagemapOfType(type), { ops })
  }

  /** A buffer that a driver lends to devices of others: an object that user space maps as well, or one of its own. */
  dmaBuf(object?: TtmBufferObject, ops?: DmaBufOps): DmaBuf {
    if (ops && this.kernel.geometry.fences === 0) throw new TooSmall('fences')
    const { cells, geometry } = this.kernel
    const dmabuf = new DmaBuf(cells, 'dma_buf', object ?? new TtmBufferObject(this.kernel, 'dma_buf', this.driverPage(), geometry.fences), ops)
    if (object) dmabuf.f_mapping = has('mutant-dma-buf-own-mapping') ? this.device(ttm_bo_vm_ops(object)) : object.mapping
    return dmabuf
  }

  /** A process that fills queues of GPUs itself (ROCm); its objects are userptrs with amdgpu_kfd as their driver. */
  kfd(): KfdProcess {
    return new KfdProcess(this.kernel.machine.memory, this.kernel.workqueue)
  }

  /** The first pages of an address space, bound in a VM of xe whose GPU handles page faults; and its driver is told of changes. */
  xeFaultVma(mm: Mm, pages: number): XeUserptrVma {
    const vma = new XeUserptrVma(this.kernel, mm, pages)
    vma_userptr_notifier_ops(vma)
    this.call(mmu_interval_notifier_insert(vma.notifier, mm, 0, pages))
    if (!this.call(xe_pagefault_handle_vma(vma))) throw new Error('setup: there is no memory to bind')
    return vma
  }

  /** One page of an address space that an RDMA device of mlx5 reaches on demand: pagefault_real_mr() maps it. */
  umemOdp(mm: Mm, address = 0): IbUmemOdp {
    const odp = new IbUmemOdp(this.kernel, mm, address)
    odp.notifier.invalidate = (range, seq) => mlx5_ib_invalidate_range(odp, range, seq)
    this.call(mmu_interval_notifier_insert(odp.notifier, mm, address, address + 1))
    return odp
  }

  /** A PCI device whose BAR, this page, a program maps through vfio. */
  vfioPci(bar: Page): VfioPciDevice {
    const vdev = new VfioPciDevice(this.kernel.machine.memory, bar)
    vdev.mapping = this.device(vfio_pci_mmap_ops(vdev))
    return vdev
  }

  /** A dma-buf that is its BAR (VFIO_DEVICE_FEATURE_DMA_BUF, 7.3): `dmabuf.attach()` of it lets other devices reach it. */
  vfioDmaBuf(vdev: VfioPciDevice): VfioPciDmaBuf {
    if (this.kernel.geometry.fences === 0) throw new TooSmall('fences')
    const buf = new VfioPciDmaBuf(this.kernel, vdev.bar)
    vdev.dmabufs.push(buf)
    return buf
  }

  /** Memory of a guest that is a BAR of vfio: iommufd imports it. */
  iommufdPages(buf: VfioPciDmaBuf): IoptPages {
    const pages: IoptPages = { attach: buf.dmabuf.attach({ invalidate_mappings: () => iopt_revoke_notify(pages) }), buf, mutex: this.cell('iopt_pages.mutex'), phys: this.cell('iopt_pages.phys.len') }
    return pages
  }

  /** mmap() of its BAR. */
  mapVfio(mm: Mm, { mapping }: VfioPciDevice): Vma {
    if (!mapping) throw new Error('the device is not open')
    return this.mapDevice(mm, mapping, { pages: 1 })
  }

  /** mmap() of a buffer object. */
  mapObject(mm: Mm, bo: TtmBufferObject, pages = 1): Vma {
    if (!bo.mapping) throw new Error('the object has no device file')
    return this.mapDevice(mm, bo.mapping, { pages, flags: ttm_bo_mmap_flags() })
  }

  /** mmap() of a device file, shared, with the flags that its driver gives the mapping. */
  mapDevice(mm: Mm, file: AddressSpace, options: DeviceOptions): Vma {
    const { start = 0, pages, pgoff = 0, flags = VM_PFNMAP | VM_IO } = options
    if (start + pages > this.kernel.taskSize) throw new TooSmall('ptrsPerPmd')
    if (pgoff + pages > this.kernel.geometry.filePages) throw new TooSmall('filePages')
    this.open(file)
    const may = VM_MAYREAD | VM_MAYWRITE | VM_SHARED | VM_MAYSHARE
    return this.call(mmap_region(mm, start, pages, VM_READ | VM_WRITE | may | flags, pgoff, file.ref))
  }

  private keep(page: Page | undefined, size: 'pages' | 'hugePages'): Page {
    if (!page) throw new TooSmall(size)
    this.kernel.memory.ofDrivers.add(page)
    return page
  }
}
