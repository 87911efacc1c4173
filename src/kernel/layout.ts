import type { Cell, Memory } from '../engine/model/memory.js'
import type { Cpu } from '../machine/cpu.js'
import type { Machine } from '../machine/machine.js'
import type { Profile } from '../machine/profile.js'
import type { RcuHead } from '../machine/rcu.js'
import type { KernelChanges } from './changes/changes_of.js'
import type { Allocation } from './drivers/allocation.js'
import type { DmaMapping } from './drivers/dma_mapping.js'
import { Sva } from './drivers/iommu_sva/sva.js'
import type { SecondaryMmu } from './drivers/secondary_mmu/secondary_mmu.js'
import { TestHmm } from './drivers/test_hmm/dmirror.js'
import type { TtmBufferObject } from './drivers/ttm/ttm_bo.js'
import type { Userptr } from './drivers/userptr/userptr.js'
import type { VmwBo } from './drivers/vmwgfx/vmw_bo.js'
import type { Geometry, SizeName } from './geometry.js'
import { AddressSpace } from './include/address_space.js'
import { AnonVma, AnonVmaChain } from './include/anon_vma.js'
import { DmaFence } from './include/dma_fence.js'
import { Ksm } from './include/ksm.js'
import { Mm } from './include/mm.js'
import type { Page } from './include/page.js'
import { free_table, PageTable } from './include/page_table.js'
import { HugetlbVmaLock, ResvMap } from './include/resv_map.js'
import { SwapArea } from './include/swap_area.js'
import { UserfaultfdCtx } from './include/userfaultfd.js'
import { Vma } from './include/vma.js'
import { Workqueue, type WorkStruct } from './include/workqueue.js'
import type { WwAcquireCtx } from './include/ww_mutex.js'
import { MmuNotifiers } from './mm/mmu_notifier/mmu_notifiers.js'
import type { Shrinker } from './mm/vmscan/shrinker.js'
import type { Observer } from './observer.js'
import { PerCpu } from './percpu.js'
import { PhysicalMemory } from './physical_memory.js'
import { Pool, type Pooled } from './pool.js'
import { slab_free } from './slab.js'

/** What is there before anything is laid out. */
export interface Booting {
  readonly machine: Machine
  /** Where cells are laid out. */
  readonly cells: Memory
  readonly geometry: Geometry
  readonly profile: Profile
  readonly cpus: readonly Cpu[]
  /** First page number above user space. */
  readonly taskSize: number
  readonly changes: KernelChanges
}

type Made = new (memory: Memory, ref: number, next: Cell) => Pooled

/** As many as the geometry says, of a class of objects that need nothing else. */
const pool = <C extends Made>(name: string, size: SizeName, Of: C, unless: (g: Geometry) => boolean = () => false) =>
  ({ cells, geometry }: Booting): Pool<InstanceType<C>> =>
    new Pool(cells, name, size, unless(geometry) ? 0 : geometry[size], (ref, next) => new Of(cells, ref, next) as InstanceType<C>)

const noHugetlb = ({ hugetlbPages }: Geometry): boolean => hugetlbPages === 0

/** What each part of the kernel has: what is laid out, in this order, when it boots, and the size that it takes of the geometry. */
export const LAYOUT = {
  memory: ({ cells, geometry }: Booting) => new PhysicalMemory(cells, geometry),
  tables: ({ cells, geometry: { tables, ptrsPerPte } }: Booting) =>
    new Pool(cells, 'table', 'tables', tables, (ref, next) => new PageTable(cells, ref, next, `table${ref - 1}`, ptrsPerPte, 1)),
  /** What call_rcu() needs to free a page table. By table. */
  tableHeads: ({ machine: { rcu }, tables }: Booting & { readonly tables: Pool<PageTable> }): readonly RcuHead[] =>
    tables.objects.map((table) => rcu.head(`table${table.ref - 1}`, (m) => free_table(m, tables, table))),
  mms: ({ cells, machine, geometry: { mms, ptrsPerPmd, ptrsPerPte }, tables, memory }: Booting & { readonly tables: Pool<PageTable>; readonly memory: PhysicalMemory }) =>
    new Pool(cells, 'mm', 'mms', mms, (ref, next) => {
      const context = machine.context(`mm${ref - 1}`)
      return new Mm(cells, ref, next, context, new PageTable(cells, ref, next, `mm${ref - 1}`, ptrsPerPmd, ptrsPerPte), tables, memory)
    }),
  vmas: ({ cells, geometry, changes, profile }: Booting) => {
    const locked = profile.perVmaLock && changes.ids.has('per-vma-lock')
    return new Pool(cells, 'vma', 'vmas', geometry.vmas, (ref, next) => new Vma(cells, ref, next, locked))
  },
  /** What call_rcu() needs to free a VMA. By VMA. */
  vmaHeads: ({ machine: { rcu }, changes, vmas }: Booting & { readonly vmas: Pool<Vma> }): readonly RcuHead[] =>
    (changes.ids.has('vma-refcount') ? [] : vmas.objects.filter(({ lock }) => lock).map((vma) => rcu.head(`vma${vma.ref - 1}`, (m) => slab_free(m, vmas, vma)))),
  anonVmas: pool('anon_vma', 'anonVmas', AnonVma),
  anonVmaChains: pool('avc', 'anonVmaChains', AnonVmaChain),
  files: ({ cells, geometry }: Booting) =>
    new Pool(cells, 'file', 'files', geometry.files, (ref, next) => new AddressSpace(cells, ref, next, geometry.filePages, !noHugetlb(geometry))),
  /** Of hugetlbfs: reservations of private mappings, and locks of shared ones. */
  resvMaps: ({ cells, geometry }: Booting) =>
    new Pool(cells, 'resv_map', 'vmas', noHugetlb(geometry) ? 0 : geometry.vmas, (ref, next) => new ResvMap(cells, `resv_map${ref - 1}`, ref, next)),
  hugetlbVmaLocks: pool('vma_lock', 'vmas', HugetlbVmaLock, noHugetlb),
  swap: ({ cells, geometry }: Booting) => new SwapArea(cells, geometry.swapSlots),
  ksm: ({ cells, geometry }: Booting) => new Ksm(cells, geometry),
  workqueue: ({ cells, cpus, geometry }: Booting) => new Workqueue(cells, cpus.length - geometry.workers),
  mmuNotifiers: ({ cells, mms }: Booting & { readonly mms: Pool<Mm> }) => new MmuNotifiers(cells, mms),
  hmm: ({ cells, geometry, memory, mmuNotifiers, taskSize }: Booting & { readonly memory: PhysicalMemory; readonly mmuNotifiers: MmuNotifiers }) =>
    new TestHmm(cells, memory.pagemaps, geometry.mirrors, taskSize, mmuNotifiers),
  svas: ({ cells, machine, mmuNotifiers, taskSize }: Booting & { readonly mmuNotifiers: MmuNotifiers }): readonly Sva[] =>
    machine.iommus.map((iommu) => new Sva(cells, iommu, taskSize, mmuNotifiers)),
  /** By mm. */
  userfaultfds: ({ cells, cpus, geometry }: Booting): readonly UserfaultfdCtx[] =>
    Array.from({ length: geometry.userfaultfds }, (_, i) => new UserfaultfdCtx(cells, `userfaultfd${i}`, cpus.length)),
  fences: pool('fence', 'fences', DmaFence),
  perCpu: ({ cells, cpus, geometry }: Booting): readonly PerCpu[] => cpus.map(({ index }) => new PerCpu(cells, index, geometry)),
  /** Of pages that are freed by call_rcu(). */
  pageHeads: () => new Map<Page, RcuHead>(),
  /** khugepaged_scan.mm_slot: the mm that khugepaged works on; 0 for none. */
  khugepaged_scan: ({ cells }: Booting): Cell => cells.cell('khugepaged_scan.mm_slot'),
  /** mm->async_put_work, by mm. None without workers. */
  asyncPuts: ({ geometry, mms, workqueue }: Booting & { readonly mms: Pool<Mm>; readonly workqueue: Workqueue }): readonly WorkStruct[] =>
    (geometry.workers > 0 ? mms.objects.map((mm) => workqueue.work(`mm${mm.ref - 1}.async_put_work`)) : []),
  /** Cells of changes: `id.name`. */
  changeCells: ({ cells, changes }: Booting): ReadonlyMap<string, Cell> =>
    new Map(changes.layingOut.flatMap(({ id, cells: own = {} }) => Object.entries(own).map(([name, value]) => [`${id}.${name}`, cells.cell(`${id}.${name}`, value)] as const))),
  /** Not 0: nothing waits in the LRU batches of CPUs. */
  lru_disable_count: ({ cells }: Booting): Cell => cells.cell('lru_disable_count'),

  // What set-up makes, as the race asks for it.
  secondaryMmus: (): SecondaryMmu[] => [],
  userptrs: (): Userptr[] => [],
  /** Of graphics drivers; and those of them of which a device has a copy. */
  bufferObjects: (): TtmBufferObject[] => [],
  vmwBos: (): VmwBo[] => [],
  /** Of user memory and other: what devices of drivers may reach. */
  dmaMappings: (): DmaMapping[] => [],
  /** What drivers have allocated for themselves, and may free. */
  allocations: (): Allocation[] => [],
  /** By CPU; of reservation_ww_class. None where there are no reservations. */
  wwContexts: (): WwAcquireCtx[] => [],
  /** Who gives memory back when it is short. */
  shrinkers: (): Shrinker[] => [],
  /** The oracles that watch this kernel. */
  observers: (): Observer[] => [],
}

export type LaidOut = { readonly [Part in keyof typeof LAYOUT]: ReturnType<(typeof LAYOUT)[Part]> }
