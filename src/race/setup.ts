import type { Cell } from '../engine/model/memory.js'
import { Sequential } from '../engine/model/sequential.js'
import type { Steps } from '../engine/model/step.js'
import type { AddressSpace } from '../kernel/include/address_space.js'
import type { Mm } from '../kernel/include/mm.js'
import { PG_anon_exclusive, PG_lru, PG_swapbacked, PG_uptodate } from '../kernel/include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON } from '../kernel/include/page.js'
import {
  _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_TABLE, _PAGE_USER, pfn_pte, PFN_SHIFT,
} from '../kernel/include/pgtable.js'
import type { Vma } from '../kernel/include/vma.js'
import { VM_HUGEPAGE, VM_READ, VM_SHARED, VM_WRITE } from '../kernel/include/vm_flags.js'
import type { Kernel } from '../kernel/kernel.js'
import { alloc_page } from '../kernel/mm/page_alloc.js'
import { pmd_offset, pte_alloc_one } from '../kernel/mm/pgtable.js'
import type { Cpu } from '../machine/cpu.js'

export interface AnonOptions {
  /** First address, in pages. Default 0. */
  readonly start?: number
  readonly pages: number
  /** Which of them are mapped to a page of their own, writable and exclusive. Default: the first. */
  readonly touched?: readonly number[]
  /** madvise(MADV_HUGEPAGE). */
  readonly thp?: boolean
}

/** What `setup` of a race works with: the kernel before any CPU runs. */
export class Setup {
  private readonly run: Sequential

  constructor(readonly kernel: Kernel, cpu: Cpu) {
    this.run = new Sequential(kernel.machine.memory, cpu)
  }

  /** Runs kernel code to its end, with nobody else around. */
  call<T>(code: Steps<T>): T {
    return this.run.run(code)
  }

  /** The state reached, for the program to start from. */
  get state(): Int32Array {
    return this.run.state
  }

  private put(cell: Cell, value: number): void {
    this.run.set(cell, value)
  }

  /** An address space, loaded on every CPU. */
  mm(): Mm {
    const { mms, machine } = this.kernel
    const mm = mms.deref(this.run.get(mms.free))
    this.put(mms.free, this.run.get(mm.next))
    this.put(mm.mm_users, 1)
    this.put(mm.next, 0)
    for (const cpu of machine.cpus) {
      this.put(cpu.loaded_mm, mm.context.id)
      this.put(cpu.cr3, mm.context.id)
      this.put(mm.context.cpumask, this.run.get(mm.context.cpumask) | cpu.bit)
    }
    return mm
  }

  private vma(mm: Mm, start: number, pages: number, flags: number): Vma {
    const { vmas } = this.kernel
    const vma = vmas.deref(this.run.get(vmas.free))
    this.put(vmas.free, this.run.get(vma.next))
    this.put(vma.next, 0)
    this.put(vma.vm_start, start)
    this.put(vma.vm_end, start + pages)
    this.put(vma.vm_mm, mm.ref)
    this.put(vma.vm_flags, VM_READ | VM_WRITE | flags)
    this.put(vma.vm_page_prot, _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
    this.put(vma.vm_next, this.run.get(mm.mmap))
    this.put(mm.mmap, vma.ref)
    return vma
  }

  /** A private anonymous mapping. */
  anon(mm: Mm, options: AnonOptions): Vma {
    const { start = 0, pages, touched = [start], thp = false } = options
    const { anonVmas } = this.kernel
    const vma = this.vma(mm, start, pages, thp ? VM_HUGEPAGE : 0)
    const anon_vma = anonVmas.deref(this.run.get(anonVmas.free))
    this.put(anonVmas.free, this.run.get(anon_vma.next))
    this.put(anon_vma.next, 0)
    this.put(anon_vma.root, anon_vma.ref)
    this.put(vma.anon_vma, anon_vma.ref)
    for (const address of touched) {
      const page = this.map(mm, address, _PAGE_RW | _PAGE_DIRTY)
      this.put(page.mapping, (anon_vma.ref << 2) | PAGE_MAPPING_ANON)
      this.put(page.index, address)
      this.put(page.flags, PG_lru | PG_swapbacked | PG_uptodate | PG_anon_exclusive)
    }
    return vma
  }

  /** A shared mapping of a new file whose pages have a page table but no entries yet. */
  shared(mm: Mm, pages: number): { vma: Vma; file: AddressSpace } {
    const { files } = this.kernel
    const file = files.deref(this.run.get(files.free))
    this.put(files.free, this.run.get(file.next))
    this.put(file.next, 0)
    const vma = this.vma(mm, 0, pages, VM_SHARED)
    this.put(vma.vm_file, file.ref)
    this.put(file.i_mmap, vma.ref)
    this.table(mm, 0)
    return { vma, file }
  }

  /** The page table for an address; made if there is none. */
  private table(mm: Mm, address: number): readonly Cell[] {
    const pmdp = pmd_offset(mm, address)
    if (this.run.get(pmdp) === 0) {
      const table = this.call(pte_alloc_one())
      this.put(pmdp, (table.ref << PFN_SHIFT) | _PAGE_TABLE)
      this.put(mm.nr_ptes, this.run.get(mm.nr_ptes) + 1)
    }
    return this.kernel.pmd_pgtable(this.run.get(pmdp)).entries
  }

  private map(mm: Mm, address: number, bits: number): Page {
    const page = this.call(alloc_page())
    if (!page) throw new Error('setup: no free page; raise geometry.pages')
    this.put(page._mapcount, 0)
    const entry = this.table(mm, address)[address % this.kernel.geometry.ptrsPerPte]!
    this.put(entry, pfn_pte(page.pfn, _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED | bits))
    return page
  }
}
