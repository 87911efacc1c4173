import { Memory } from '../../src/engine/model/memory.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import type { Steps } from '../../src/engine/model/step.js'
import { type Geometry, SMALL } from '../../src/kernel/geometry.js'
import { SecondaryMmu } from '../../src/kernel/drivers/secondary_mmu/secondary_mmu.js'
import { FAULT_FLAG_WRITE } from '../../src/kernel/include/fault.js'
import type { Mm } from '../../src/kernel/include/mm.js'
import type { Page } from '../../src/kernel/include/page.js'
import { pmd_pfn, pmd_trans_huge, pte_pfn, pte_present, pte_write } from '../../src/kernel/include/pgtable.js'
import { swp_offset } from '../../src/kernel/include/swapops.js'
import { activate, Kernel } from '../../src/kernel/kernel.js'
import { vma_lookup } from '../../src/kernel/mm/find_vma.js'
import { mm_alloc } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { handle_mm_fault } from '../../src/kernel/mm/memory/handle_mm_fault.js'
import { sys_mmap } from '../../src/kernel/mm/mmap/mmap_region.js'
import { lru_add_drain } from '../../src/kernel/mm/swap/lru_add_drain.js'
import type { KernelName } from '../../src/machine/kernels.js'
import { Machine } from '../../src/machine/machine.js'
import { changesOf } from '../../src/kernel/changes/changes_of.js'
import { profileByName } from '../../src/machine/profiles/index.js'

const PROT_READ_WRITE = 3

/** A kernel with one address space, driven one call at a time. */
export class System {
  readonly kernel: Kernel
  run: Sequential
  readonly mm: Mm

  constructor(geometry: Partial<Geometry> = {}, kernel: KernelName = '6.1') {
    const memory = new Memory()
    const machine = new Machine(memory, profileByName('x86-native', kernel)!, { cpus: 1, tlb: false })
    this.kernel = new Kernel(machine, { changes: changesOf(kernel), geometry: { ...SMALL, vmas: 8, anonVmas: 8, anonVmaChains: 16, tables: 4, mms: 2, ...geometry } })
    activate(this.kernel)
    this.run = new Sequential(memory, machine.cpus[0])
    this.mm = this.call(mm_alloc())
  }

  /** Devices or guests, which subscribe to nothing yet. */
  mmus(count: number, subscribes: SecondaryMmu['subscribes']): SecondaryMmu[] {
    const made = Array.from({ length: count }, (_, i) => new SecondaryMmu(this.kernel, i, subscribes))
    const { cells, cpus } = this.kernel
    this.run = new Sequential(cells, cpus[0], Int32Array.from([...this.run.state, ...cells.initial.slice(this.run.state.length)]))
    return made
  }

  call<T>(code: Steps<T>): T {
    return this.run.run(code)
  }

  get(cell: number): number {
    return this.run.state[cell]!
  }

  mmap(start: number, pages: number, shared = false): void {
    this.call(sys_mmap(this.mm, start, pages, PROT_READ_WRITE, shared))
  }

  /** Write faults until the entry is writable; then the byte is stored. */
  write(address: number, value: number, mm = this.mm): void {
    const vma = this.call(vma_lookup(mm, address))!
    for (let word = 0; !(pte_present(word) && pte_write(word)); word = this.entry(address, mm).word) {
      this.call(handle_mm_fault(mm, vma, address, FAULT_FLAG_WRITE))
    }
    this.run.set(this.page(address, mm)!.content, value)
    this.call(lru_add_drain())
  }

  /** The word that maps an address, and whether by a PMD. */
  entry(address: number, mm = this.mm): { readonly word: number; readonly huge: boolean } {
    const size = this.kernel.geometry.ptrsPerPte
    const pmd = this.get(mm.pgd.entries[Math.floor(address / size)]!)
    if (pmd === 0 || pmd_trans_huge(pmd)) return { word: pmd, huge: pmd !== 0 }
    return { word: this.get(this.kernel.pmd_pgtable(pmd).entries[address % size]!), huge: false }
  }

  page(address: number, mm = this.mm): Page | undefined {
    const { word, huge } = this.entry(address, mm)
    if (word === 0) return undefined
    if (huge) return this.kernel.page(pmd_pfn(word) + (address % this.kernel.geometry.ptrsPerPte))
    return this.kernel.page(pte_present(word) ? pte_pfn(word) : swp_offset(word))
  }

  value(address: number, mm = this.mm): number | undefined {
    const page = this.page(address, mm)
    return page && this.get(page.content)
  }
}
