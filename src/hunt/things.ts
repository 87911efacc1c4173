import type { Cell } from '../engine/model/memory.js'
import type { Allocated } from '../kernel/drivers/allocation.js'
import type { DevDax } from '../kernel/drivers/dax/dev_dax.js'
import type { DmaBuf, DmaBufAttachment } from '../kernel/drivers/dma_buf/dma_buf.js'
import type { Sva } from '../kernel/drivers/iommu_sva/sva.js'
import type { PciP2pdma } from '../kernel/drivers/pci/p2pdma.js'
import type { SecondaryMmu } from '../kernel/drivers/secondary_mmu/secondary_mmu.js'
import type { Dmirror } from '../kernel/drivers/test_hmm/dmirror.js'
import type { TtmBufferObject } from '../kernel/drivers/ttm/ttm_bo.js'
import type { KfdProcess } from '../kernel/drivers/userptr/amdgpu/kfd/kfd_process.js'
import type { Userptr } from '../kernel/drivers/userptr/userptr.js'
import type { VfioPciDevice } from '../kernel/drivers/vfio_pci/vfio_pci_device.js'
import type { VmwBo } from '../kernel/drivers/vmwgfx/vmw_bo.js'
import type { DaxInode } from '../kernel/fs/dax/dax_inode.js'
import type { AddressSpace } from '../kernel/include/address_space.js'
import type { DmaFence } from '../kernel/include/dma_fence.js'
import type { MmuIntervalNotifier } from '../kernel/include/mmu_notifier.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Page } from '../kernel/include/page.js'

/** What a state may hand to operations. */
export interface Things {
  /** The process that lanes are threads of, with a mapping of two pages at address 0. */
  readonly mm: Mm
  /** Its child, or another process. */
  readonly child: Mm
  /** What is mapped at address 0. */
  readonly page: Page
  /** The file that is mapped, and the same when no page of it is mapped. */
  readonly file: AddressSpace
  readonly bare: AddressSpace
  /** A process that has a second mapping, at address 2; one that the OOM killer has chosen; one with a monitor of its writes. */
  readonly two: Mm
  readonly victim: Mm
  readonly watched: Mm
  /** A process with memory that KSM may merge. */
  readonly mergeable: Mm
  readonly hugetlbFile: AddressSpace
  /** A guest that mirrors the process, and one that does not yet. */
  readonly mmu: SecondaryMmu
  readonly spareMmu: SecondaryMmu
  /** A guest that is about to go, and memory of its driver's that goes with it. */
  readonly leaving: SecondaryMmu
  readonly leavingPage: Page
  /** A lock that a driver has to take before it can start an invalidation. */
  readonly driverLock: Cell
  /** An interval notifier, and what it is part of. */
  readonly interval: MmuIntervalNotifier
  readonly intervalObject: Allocated<never>
  /** A program that a debugger looks at. */
  readonly text: Mm
  /** A process that has one page, with few bits to count references with. */
  readonly pipeMm: Mm
  readonly pipePage: Page
  /** A device that walks the page tables of the process. */
  readonly sva: Sva
  /** The test device, which has memory of its own. */
  readonly device: Dmirror
  /** The same, when it mirrors the process. */
  readonly mirror: Dmirror
  /** A page of the process that is a buffer object of a GPU, by driver. */
  readonly amdgpuBo: Userptr
  readonly i915Bo: Userptr
  readonly xeBo: Userptr
  readonly hfi1Bo: Userptr
  readonly radeonBo: Userptr
  readonly kfdBo: Userptr
  readonly kfd: KfdProcess
  /** Work that the GPU has been given before. */
  readonly busyBo: Userptr
  readonly busy: DmaFence
  /** A buffer object that the process maps, where it may move to, and a fence for it. */
  readonly object: TtmBufferObject
  readonly to: Page
  readonly fence: DmaFence
  readonly vmwBo: VmwBo
  /** A file of a driver that maps this page of its own by its number. */
  readonly pfnFile: AddressSpace
  readonly pfnPage: Page
  readonly vdev: VfioPciDevice
  readonly inode: DaxInode
  readonly daxFile: AddressSpace
  readonly devDax: DevDax
  readonly p2pdma: PciP2pdma
  readonly dmabuf: DmaBuf
  readonly attach: DmaBufAttachment
}

export type Thing = keyof Things
