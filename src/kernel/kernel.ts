import type { Cell } from '../engine/model/memory.js'
import { replaceFunctions } from '../engine/model/replace.js'
import type { Cpu } from '../machine/cpu.js'
import type { Machine } from '../machine/machine.js'
import type { Profile } from '../machine/profile.js'
import type { RcuHead } from '../machine/rcu.js'
import type { KernelChanges } from './changes/changes_of.js'
import { Sva } from './drivers/iommu_sva/sva.js'
import { SecondaryMmu } from './drivers/secondary_mmu/secondary_mmu.js'
import type { VmwBo } from './drivers/vmwgfx/vmw_bo.js'
import { TestHmm } from './drivers/test_hmm/dmirror.js'
import { Userptr } from './drivers/userptr/userptr.js'
import type { Geometry } from './geometry.js'
import type { Observer } from './observer.js'
import { AddressSpace } from './include/address_space.js'
import { AnonVma, AnonVmaChain } from './include/anon_vma.js'
import { DmaFence } from './include/dma_fence.js'
import { DmaResv } from './include/dma_resv.js'
import { Ksm } from './include/ksm.js'
import { Mm } from './include/mm.js'
import { type MmuIntervalNotifier, type MmuNotifier, MmuNotifierSubscriptions } from './include/mmu_notifier.js'
import { free_table, PageTable } from './include/page_table.js'
import { PAGE_MAPPING_FLAGS, type Page } from './include/page.js'
import { PFN_SHIFT, type Pmd } from './include/pgtable.js'
import { HugetlbVmaLock, ResvMap } from './include/resv_map.js'
import { UserfaultfdCtx } from './include/userfaultfd.js'
import { SwapArea } from './include/swap_area.js'
import { Vma } from './include/vma.js'
import { Workqueue, type WorkStruct } from './include/workqueue.js'
import { WwAcquireCtx } from './include/ww_mutex.js'
import { Srcu } from './include/srcu.js'
import type { Shrinker } from './mm/vmscan/shrinker.js'
import { PerCpu } from './percpu.js'
import { PhysicalMemory } from './physical_memory.js'
import { Pool } from './pool.js'

export interface KernelOptions {
  readonly geometry: Geometry
  readonly changes: KernelChanges
}

/** A machine that has booted: every object the memory manager may use, and the settings it runs under. */
export class Kernel {
  readonly geometry: Geometry
  readonly profile: Profile
  readonly changes: KernelChanges
  readonly memory: PhysicalMemory
  readonly mms: Pool<Mm>
  readonly vmas: Pool<Vma>
  readonly anonVmas: Pool<AnonVma>
  readonly anonVmaChains: Pool<AnonVmaChain>
  readonly tables: Pool<PageTable>
  readonly files: Pool<AddressSpace>
  /** Of hugetlbfs: reservations of private mappings, and locks of shared ones. */
  readonly resvMaps: Pool<ResvMap>
  readonly hugetlbVmaLocks: Pool<HugetlbVmaLock>
  readonly swap: SwapArea
  readonly ksm: Ksm
  readonly hmm: TestHmm
  /** By mm. */
  readonly userfaultfds: readonly UserfaultfdCtx[]
  /** All that a driver may subscribe with; and per mm, if there are any. */
  readonly intervalNotifiers: readonly MmuIntervalNotifier[]
  readonly notifiers: readonly MmuNotifier[]
  readonly notifierSubscriptions: readonly MmuNotifierSubscriptions[]
  readonly notifierSrcu: Srcu
  readonly secondaryMmus: readonly SecondaryMmu[]
  readonly svas: readonly Sva[]
  readonly workqueue: Workqueue
  readonly userptrs: readonly Userptr[]
  /** Objects of which a device has a copy. Made at set-up. */
  readonly vmwBos: VmwBo[] = []
  readonly fences: Pool<DmaFence>
  readonly reservations: readonly DmaResv[]
  /** By CPU; of reservation_ww_class. None where there are no reservations. */
  readonly wwContexts: readonly WwAcquireCtx[]
  readonly cpus: readonly Cpu[]
  private readonly rcuHeads: readonly RcuHead[]
  readonly perCpu: readonly PerCpu[]
  /** khugepaged_scan.mm_slot: the mm that khugepaged works on; 0 for none. */
  readonly khugepaged_scan: Cell
  /** mm->async_put_work, by mm. None without workers. */
  readonly asyncPuts: readonly WorkStruct[]
  /** Not 0: nothing waits in the LRU batches of CPUs. */
  readonly lru_disable_count: Cell
  /** Who gives memory back when it is short. */
  readonly shrinkers: Shrinker[] = []
  /** Of pages that are freed by call_rcu(), as they are with the patch "pages-through-rcu" only. */
  readonly pageHeads = new Map<Page, RcuHead>()
  /** The oracles that watch this kernel. */
  readonly observers: Observer[] = []
  /** First page number above user space. */
  readonly taskSize: number

  constructor(readonly machine: Machine, options: KernelOptions) {
    const g = options.geometry
    const { memory } = machine
    const hugetlb = g.hugetlbPages > 0
    this.geometry = g
    this.profile = machine.profile
    this.cpus = machine.cpus
    this.changes = options.changes
    this.taskSize = g.ptrsPerPmd * g.ptrsPerPte
    this.memory = new PhysicalMemory(memory, g)
    this.tables = new Pool(memory, 'table', 'tables', g.tables, (ref, next) =>
      new PageTable(memory, ref, next, `table${ref - 1}`, g.ptrsPerPte, 1))
    this.rcuHeads = this.tables.objects.map((table) => machine.rcu.head(`table${table.ref - 1}`, (m) => free_table(m, this.tables, table)))
    this.mms = new Pool(memory, 'mm', 'mms', g.mms, (ref, next) =>
      new Mm(memory, ref, next, machine.context(`mm${ref - 1}`),
        new PageTable(memory, ref, next, `mm${ref - 1}`, g.ptrsPerPmd, g.ptrsPerPte), this.tables, this.memory))
    this.vmas = new Pool(memory, 'vma', 'vmas', g.vmas, (ref, next) => new Vma(memory, ref, next))
    this.anonVmas = new Pool(memory, 'anon_vma', 'anonVmas', g.anonVmas, (ref, next) => new AnonVma(memory, ref, next))
    this.anonVmaChains = new Pool(memory, 'avc', 'anonVmaChains', g.anonVmaChains, (ref, next) => new AnonVmaChain(memory, ref, next))
    this.files = new Pool(memory, 'file', 'files', g.files, (ref, next) => new AddressSpace(memory, ref, next, g.filePages, hugetlb))
    this.resvMaps = new Pool(memory, 'resv_map', 'vmas', hugetlb ? g.vmas : 0, (ref, next) => new ResvMap(memory, `resv_map${ref - 1}`, ref, next))
    this.hugetlbVmaLocks = new Pool(memory, 'vma_lock', 'vmas', hugetlb ? g.vmas : 0, (ref, next) => new HugetlbVmaLock(memory, ref, next))
    this.swap = new SwapArea(memory, g.swapSlots)
    this.ksm = new Ksm(memory, g)
    this.hmm = new TestHmm(memory, this.memory.pagemaps, g.mirrors, this.taskSize)
    this.workqueue = new Workqueue(memory, this.cpus.length - g.workers)
    this.userptrs = Array.from({ length: g.userptrs }, (_, i) => new Userptr(memory, i, g.fences, this.workqueue))
    this.userfaultfds = Array.from({ length: g.userfaultfds }, (_, i) => new UserfaultfdCtx(memory, `userfaultfd${i}`, this.cpus.length))
    this.secondaryMmus = Array.from({ length: g.secondaryMmus }, (_, i) => new SecondaryMmu(memory, i, this.taskSize))
    this.intervalNotifiers = [...this.hmm.mirrors.map(({ notifier }) => notifier), ...this.userptrs.flatMap(({ notifier, cover }) => [notifier, cover])]
      .concat(this.secondaryMmus.slice(0, g.intervalMmus).map(({ interval }) => interval))
    this.svas = machine.iommus.map((iommu) => new Sva(memory, iommu, this.taskSize))
    this.notifiers = [...this.secondaryMmus, ...this.svas].map(({ notifier }) => notifier).concat(this.userptrs.slice(0, g.userptrMns).map(({ mn }) => mn))
    this.notifierSrcu = new Srcu(memory, 'mmu_notifier')
    this.notifierSubscriptions = this.intervalNotifiers.length + this.notifiers.length === 0 ? [] : this.mms.objects.map((mm) =>
      new MmuNotifierSubscriptions(memory, `mm${mm.ref - 1}.notifiers`))
    for (const { index, notifier } of g.workers > 0 ? this.secondaryMmus : []) {
      notifier.rcu = this.workqueue.work(`mmu${index}.rcu`)
      this.notifierSrcu.heads.push(notifier.rcu)
    }
    this.fences = new Pool(memory, 'fence', 'fences', g.fences, (ref, next) => new DmaFence(memory, ref, next))
    this.reservations = Array.from({ length: g.reservations }, (_, i) => new DmaResv(memory, `bo${i}`, g.fences))
    this.wwContexts = g.reservations + g.userptrs > 0 ? this.cpus.map(({ index }) => new WwAcquireCtx(memory, index)) : []
    this.perCpu = this.cpus.map((cpu) => new PerCpu(memory, cpu.index, g))
    this.khugepaged_scan = memory.cell('khugepaged_scan.mm_slot')
    this.asyncPuts = g.workers > 0 ? this.mms.objects.map((mm) => this.workqueue.work(`mm${mm.ref - 1}.async_put_work`)) : []
    this.lru_disable_count = memory.cell('lru_disable_count')
  }

  page(pfn: number): Page {
    const page = this.memory.pages[pfn]
    if (!page) throw new Error(`no page ${pfn}`)
    return page
  }

  /** The table a PMD word points to. */
  pmd_pgtable(pmd: Pmd): PageTable {
    return this.tables.deref(pmd >>> PFN_SHIFT)
  }

  /** What call_rcu() needs to free a page table later. */
  rcuHead(table: PageTable): RcuHead {
    return this.rcuHeads[table.ref - 1]!
  }

  anon_vma(mapping: number): AnonVma {
    return this.anonVmas.deref((mapping & ~PAGE_MAPPING_FLAGS) >>> 2)
  }
}

let current: Kernel | undefined

/** Makes a kernel the one that model code runs on. A program calls this before its model code runs. */
export const activate = (booted: Kernel): void => {
  current = booted
  replaceFunctions(booted.changes.replaced)
}

/** The kernel that runs. */
export const kernel = (): Kernel => {
  if (!current) throw new Error('no kernel is active')
  return current
}

/** Whether this kernel has the change `id`: a commit, a proposal or a mutation. */
export const has = (id: string): boolean => kernel().changes.ids.has(id)
