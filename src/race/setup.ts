import { UserError } from '../engine/errors.js'
import type { Sequential } from '../engine/model/sequential.js'
import type { Steps } from '../engine/model/step.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import { arm_smmu_mmu_notifier_ops } from '../kernel/drivers/iommu_sva/arm_smmu_mmu_notifier_ops.js'
import { iommu_sva_bind_device } from '../kernel/drivers/iommu_sva/iommu_sva_bind_device.js'
import type { Sva, SvaDriver } from '../kernel/drivers/iommu_sva/sva.js'
import { kvm } from '../kernel/drivers/secondary_mmu/kvm.js'
import { type Driver, type IntervalDriver, SecondaryMmu } from '../kernel/drivers/secondary_mmu/secondary_mmu.js'
import { dmirror_fops_open } from '../kernel/drivers/test_hmm/dmirror_fops.js'
import type { Dmirror } from '../kernel/drivers/test_hmm/dmirror.js'
import { hmm_dmirror_init } from '../kernel/drivers/test_hmm/hmm_dmirror_init.js'
import { Userptr, type UserptrDriver } from '../kernel/drivers/userptr/userptr.js'
import { type HugetlbMapping, sys_mmap_hugetlb } from '../kernel/fs/hugetlbfs/sys_mmap_hugetlb.js'
import type { AddressSpace } from '../kernel/include/address_space.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Folio, Page } from '../kernel/include/page.js'
import { pmd_pfn, pmd_present, pmd_trans_huge, pte_pfn, pte_present } from '../kernel/include/pgtable.js'
import {
  VM_HUGEPAGE, VM_MAYREAD, VM_MAYWRITE, VM_READ, VM_UFFD_MISSING, VM_UFFD_WP, VM_WRITE,
} from '../kernel/include/vm_flags.js'
import type { Vma } from '../kernel/include/vma.js'
import type { Kernel } from '../kernel/kernel.js'
import { TooSmall } from '../kernel/too_small.js'
import { mmap_write_lock, mmap_write_unlock } from '../kernel/locking/mmap_lock.js'
import { find_vma } from '../kernel/mm/find_vma.js'
import { dup_mm, mm_alloc } from '../kernel/mm/fork/mm_lifetime.js'
import { remap_pfn_range } from '../kernel/mm/memory/remap_pfn_range.js'
import { mmap_region, sys_mmap } from '../kernel/mm/mmap/mmap_region.js'
import { __pte_alloc, pmd_offset, pte_offset_map } from '../kernel/mm/pgtable.js'
import { mmu_interval_notifier_insert } from '../kernel/mm/mmu_interval_notifier.js'
import { mmu_notifier_free_rcu } from '../kernel/mm/mmu_notifier/mmu_notifier_get.js'
import { mmu_notifier_register } from '../kernel/mm/mmu_notifier/mmu_notifier_register.js'
import type { Shrinker } from '../kernel/mm/vmscan/shrinker.js'
import { shrink_lruvec } from '../kernel/mm/vmscan/reclaim_folio.js'
import { lru_add_drain } from '../kernel/mm/swap/lru_add_drain.js'
import { user_read, user_write } from '../kernel/mm/user/user_access.js'
import type { Cpu } from '../machine/cpu.js'
import type { MmContext } from '../machine/mm-context.js'
import { DriverSetup } from './driver-setup.js'
import { featureAbsent } from './features.js'
import type { SetupLog } from './setup-log.js'

export interface MapOptions {
  /** First address, in pages. Default 0. */
  readonly start?: number
  readonly pages: number
  /** Addresses that are written to once, so that they have a page each. Default: the first. */
  readonly touched?: readonly number[]
  /** What is written there. Default 0. */
  readonly value?: number
}

export interface AnonOptions extends MapOptions {
  /** madvise(MADV_HUGEPAGE), after the pages have been touched. */
  readonly thp?: boolean
}

export interface HugetlbOptions extends Partial<HugetlbMapping> {
  /** Huge pages. */
  readonly pages?: number
  /** Whether the first one is written to once. Default true. */
  readonly touched?: boolean
}

/** What set-up asks for and cannot be had. */
const refused = (what: string, hint: string): UserError => new UserError('bad-setup', `setup: ${what}`, hint)

/** What `setup` of a race works with: the kernel before any CPU runs. Everything is done by the system calls themselves. */
export class Setup extends DriverSetup {
  private run: Sequential

  /** `lanes`: the CPUs of the race, by name. `log`: what is done, for oracles. */
  constructor(readonly kernel: Kernel, private readonly lanes: ReadonlyMap<string, Cpu>, private readonly log: SetupLog) {
    super()
    this.run = log.runOn(kernel.cpus[0]!)
  }

  /** Runs kernel code to its end, on the first CPU, with nobody else around. */
  call<T>(code: Steps<T>): T {
    this.takeNewCells()
    return this.run.run(code)
  }

  /** The same on the CPU of a lane. What is in its LRU batches then stays there. */
  callOn<T>(lane: string, code: Steps<T>): T {
    const cpu = this.lanes.get(lane)
    if (!cpu) throw this.noLane(lane)
    this.takeNewCells()
    const there = this.log.runOn(cpu, Int32Array.from(this.run.state))
    const result = there.run(code)
    this.run = this.log.runOn(this.kernel.cpus[0]!, Int32Array.from(there.state))
    return result
  }

  /** The state reached, for the program to start from. No page is in a batch of the first CPU on its way to the LRU. */
  finish(): Int32Array {
    this.call(lru_add_drain())
    return this.run.state
  }

  /** Somebody keeps the file open: it stays when its last mapping goes. */
  open(file: AddressSpace): AddressSpace {
    this.run.set(file.f_count, this.run.get(file.f_count) + 1)
    return file
  }

  /** A new address space, loaded on the CPUs of these lanes. Default: on all. */
  mm(...lanes: string[]): Mm {
    return this.load(this.call(mm_alloc()), lanes.length > 0 ? lanes : [...this.lanes.keys()])
  }

  /** What these lanes run belongs to no process, and nobody's tables are loaded on their CPUs, which have done nothing yet. */
  kernelThreads(lanes: readonly string[]): void {
    for (const lane of lanes) {
      const cpu = this.lanes.get(lane)
      if (!cpu) throw this.noLane(lane)
      const before = this.kernel.machine.contexts[this.run.get(cpu.loaded_mm) - 1]
      if (before) this.unload(before, cpu)
      this.run.set(cpu.loaded_mm, 0)
      this.run.set(cpu.cr3, 0)
    }
  }

  /** fork(): a child, loaded on the CPUs of these lanes instead of what they had. */
  fork(mm: Mm, ...lanes: string[]): Mm {
    const child = this.call(dup_mm(mm))
    if (!child) throw new Error('fork() fails')
    return this.load(child, lanes)
  }

  /** A private anonymous mapping. */
  anon(mm: Mm, options: AnonOptions): Vma {
    const vma = this.map(mm, options, false)
    if (options.thp) this.run.set(vma.vm_flags, this.run.get(vma.vm_flags) | VM_HUGEPAGE)
    return vma
  }

  /** A shared mapping of a new file. Its page tables are there, also where nothing was touched. */
  shared(mm: Mm, options: MapOptions): { readonly vma: Vma; readonly file: AddressSpace } {
    const vma = this.map(mm, options, true)
    const pmdp = pmd_offset(mm, options.start ?? 0)
    if (this.run.get(pmdp) === 0) this.call(__pte_alloc(mm, pmdp))
    return { vma, file: this.kernel.files.deref(this.run.get(vma.vm_file)) }
  }

  /**
   * A mapping of a new file of hugetlbfs; by default a shared one of a whole table of geometry.ptrsPerPte pages, which children
   * share. The first page is touched.
   */
  hugetlb(mm: Mm, { pages = this.kernel.geometry.ptrsPerPte, shared = true, ...options }: HugetlbOptions = {}): AddressSpace {
    const { files } = this.kernel
    const file = files.at(this.run.get(files.free))
    if (!file) throw new TooSmall('files')
    const error = this.call(sys_mmap_hugetlb(mm, 0, pages, VM_READ | VM_WRITE, { shared, ...options }))
    if (error) throw new Error(`setup: mmap() of hugetlbfs gives ${error}`)
    if (options.touched ?? true) this.write(mm, 0, 0)
    return file
  }

  /** A private read-only mapping of one page of a file. */
  privateFile(mm: Mm, file: AddressSpace, start = 0): void {
    this.call(mmap_write_lock(mm))
    this.call(mmap_region(mm, start, 1, VM_READ | VM_MAYREAD | VM_MAYWRITE, 0, file.ref))
    this.call(mmap_write_unlock(mm))
  }

  /** A page of a driver, which user space reaches through a VM_PFNMAP mapping of the driver's file. Nobody else knows it. */
  pfnmap(mm: Mm): { readonly file: AddressSpace; readonly page: Page } {
    const { vma, file } = this.shared(mm, { pages: 1, touched: [] })
    const page = this.driverPage()
    this.call(remap_pfn_range(vma, 0, page.pfn, 1))
    return { file, page }
  }

  /** A private anonymous mapping of one huge page. */
  huge(mm: Mm, start = 0): Vma {
    const { thp, name } = this.kernel.profile
    if (!thp) throw featureAbsent(name, ['TRANSPARENT_HUGEPAGE'])
    const vma = this.anon(mm, { start, pages: this.kernel.geometry.ptrsPerPte, touched: [], thp: true })
    this.write(mm, start, 0)
    return vma
  }

  /** The test device mirrors an address space from now on. It has its own memory, geometry.devicePrivate pages if not others. */
  mirror(mm: Mm): Dmirror {
    const mirror = this.deviceMemory(mm)
    this.call(dmirror_fops_open(mirror, mm))
    return mirror
  }

  /**
   * A monitor is told of writes to what it has write-protected in this mapping (UFFDIO_REGISTER), or of accesses where there is no
   * page. Of the first geometry.userfaultfds.
   */
  userfaultfd(mm: Mm, vma: Vma, mode: 'wp' | 'missing' = 'wp'): void {
    if (!this.kernel.userfaultfds[mm.ref - 1]) throw new TooSmall('userfaultfds')
    const { userfaultfdWp, name } = this.kernel.profile
    if (mode === 'wp' && !userfaultfdWp) throw featureAbsent(name, ['HAVE_ARCH_USERFAULTFD_WP'])
    this.run.set(vma.vm_flags, this.run.get(vma.vm_flags) | (mode === 'wp' ? VM_UFFD_WP : VM_UFFD_MISSING))
  }

  /** The test device for an address space that it does not mirror: it has memory, and is told of nothing. */
  deviceMemory(mm: Mm): Dmirror {
    const device = this.kernel.hmm.mirrors[mm.ref - 1]
    if (!device) throw new TooSmall(this.kernel.hmm.devices.length > 0 ? 'mirrors' : 'devicePrivate')
    hmm_dmirror_init(this.kernel)
    return device
  }

  /** The page of a file that is at this index of its page cache. */
  page(file: AddressSpace, index: number): Page {
    return this.kernel.page(this.run.get(file.i_pages[index]!) - 1)
  }

  /** A device or guest that mirrors the address space with page tables of its own. */
  secondaryMmu(mm: Mm, driver: Driver = kvm): SecondaryMmu {
    const mmu = this.spareMmu(driver)
    this.call(mmu_notifier_register(mmu.notifier, mm))
    return mmu
  }

  /** The same with no address space yet: model code registers its notifier, with mmu_notifier_get() for example. */
  spareMmu(driver: Driver): SecondaryMmu {
    const mmu = this.newMmu('to all')
    const { fault, ...ops } = driver(mmu)
    const { notifier } = mmu
    Object.assign(notifier, { ops, driver })
    if (fault) mmu.fault = fault
    if (notifier.rcu) notifier.rcu.func = () => mmu_notifier_free_rcu(notifier)
    return mmu
  }

  /** A new address space with a private anonymous mapping, and a device or guest that mirrors it. */
  guest(options: AnonOptions, driver?: Driver): { readonly mm: Mm; readonly mmu: SecondaryMmu } {
    const mm = this.mm()
    this.anon(mm, options)
    return { mm, mmu: this.secondaryMmu(mm, driver) }
  }

  /** A page of shadow page tables for a guest within the guest, of which there are too many already. */
  nestedShadowPage(mmu: SecondaryMmu): void {
    this.run.set(mmu.active_mmu_pages, this.driverPage().pfn + 1)
  }

  /** The same, with an interval notifier, which model code inserts and removes. */
  intervalMmu(driver: IntervalDriver): SecondaryMmu {
    const mmu = this.newMmu('to a range')
    mmu.interval.invalidate = driver(mmu)
    return mmu
  }

  /** Registers a shrinker. Memory may be short from now on. */
  shrinker(shrinker: Shrinker): void {
    this.kernel.shrinkers.push(shrinker)
  }

  /** Memory may be short from now on; who allocates then finds these folios at the ends of the LRU lists. */
  shortage(folios: readonly Folio[]): void {
    this.kernel.shrinkers.unshift({ scan_objects: () => shrink_lruvec(folios) })
  }

  /** The page that is mapped at this address. Of a huge page, its first. */
  pageAt(mm: Mm, address: number): Page {
    const pmd = address >= 0 && address < this.kernel.taskSize ? this.run.get(pmd_offset(mm, address)) : 0
    if (pmd_trans_huge(pmd)) return this.kernel.page(pmd_pfn(pmd))
    const pte = pmd_present(pmd) ? this.run.get(pte_offset_map(pmd, address)) : 0
    if (!pte_present(pte)) throw refused(`no page is mapped at address ${address}`, 'k.write(mm, address, 0) makes one there')
    return this.kernel.page(pte_pfn(pte))
  }

  /** A device that uses the address space through its page tables. One of geometry.iommus. */
  sva(mm: Mm, driver: SvaDriver = arm_smmu_mmu_notifier_ops): Sva {
    const sva = this.kernel.svas.find(({ notifier }) => this.run.get(notifier.mm) === 0)
    if (!sva) throw new TooSmall('iommus')
    sva.notifier.ops = driver(sva)
    this.call(iommu_sva_bind_device(sva, mm))
    return sva
  }

  /** A buffer object that is the page at this address, whose driver is told of changes. */
  userptr(mm: Mm, driver: UserptrDriver, address = 0): Userptr {
    const bo = new Userptr(this.kernel, this.kernel.userptrs.length)
    this.kernel.userptrs.push(bo)
    bo.mm = mm
    bo.address = address
    driver(bo)
    if (Object.keys(bo.mn.ops).length > 0) this.kernel.mmuNotifiers.add(bo.mn)
    if (bo.mn.ops.invalidate_range_start) this.call(mmu_notifier_register(bo.mn, mm))
    if (bo.notifier.invalidate && !bo.cover.invalidate) this.call(mmu_interval_notifier_insert(bo.notifier, mm, address, address + 1))
    return bo
  }

  /** A store by a program. */
  write(mm: Mm, address: number, value: number): void {
    if (!this.call(user_write(mm, address, value))) throw this.noPage() ?? refused(`a write to address ${address} faults`, 'k.anon(mm, { pages: … }) maps what is written to')
  }

  /** A load by a program. */
  read(mm: Mm, address: number): number {
    const value = this.call(user_read(mm, address))
    if (value === undefined) throw this.noPage() ?? refused(`a read of address ${address} faults`, 'k.anon(mm, { pages: … }) maps what is read')
    return value
  }

  private noLane(lane: string): UserError {
    return refused(`there is no lane ${shown(lane)}`, nearestHint(lane, [...this.lanes.keys()], `the lanes are ${[...this.lanes.keys()].join(', ')}`))
  }

  /** Why a fault has found no page: there is none left. */
  private noPage(): TooSmall | undefined {
    return this.kernel.memory.freePages.every((first) => this.run.get(first) === 0) ? new TooSmall('pages') : undefined
  }

  /** Cells that were made since go on from their initial values. */
  private takeNewCells(): void {
    const { machine: { memory }, cpus } = this.kernel
    const { state } = this.run
    if (state.length === memory.size) return
    this.run = this.log.runOn(cpus[0]!, Int32Array.from([...state, ...memory.initial.slice(state.length)]))
  }

  private newMmu(subscribes: SecondaryMmu['subscribes']): SecondaryMmu {
    const mmu = new SecondaryMmu(this.kernel, this.kernel.secondaryMmus.length, subscribes)
    this.kernel.secondaryMmus.push(mmu)
    return mmu
  }

  private map(mm: Mm, options: MapOptions, shared: boolean): Vma {
    const { start = 0, pages, touched = [start], value = 0 } = options
    if (start + pages > this.kernel.taskSize) throw new TooSmall('ptrsPerPmd')
    if (shared && pages > this.kernel.geometry.filePages) throw new TooSmall('filePages')
    const error = this.call(sys_mmap(mm, start, pages, VM_READ | VM_WRITE, shared))
    if (error) throw new Error(`mmap() gives ${error}`)
    for (const address of touched) this.write(mm, address, value)
    return this.call(find_vma(mm, start))!
  }

  /** Each lane is a thread of the process, and a user of its address space; one that runs nowhere has one all the same. */
  private load(mm: Mm, lanes: readonly string[]): Mm {
    this.run.set(mm.mm_users, Math.max(1, lanes.length))
    for (const lane of lanes) {
      const cpu = this.lanes.get(lane)
      if (!cpu) throw this.noLane(lane)
      const before = this.kernel.machine.contexts[this.run.get(cpu.loaded_mm) - 1]
      if (before) this.unload(before, cpu)
      this.run.set(cpu.loaded_mm, mm.context.id)
      this.run.set(cpu.cr3, mm.context.id)
      this.run.set(mm.context.cpumask, this.run.get(mm.context.cpumask) | cpu.bit)
      this.run.set(mm.context.behind[cpu.index]!, 0)
    }
    return mm
  }

  private unload(context: MmContext, cpu: Cpu): void {
    this.run.set(context.cpumask, this.run.get(context.cpumask) & ~cpu.bit)
    const mm = this.kernel.mms.objects.find((one) => one.context === context)
    if (mm) this.run.set(mm.mm_users, Math.max(1, this.run.get(mm.mm_users) - 1))
  }
}
