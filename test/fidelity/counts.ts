import type { System } from '../../src/fidelity/system.js'
import { GUP_PIN_COUNTING_BIAS, type Page, PAGE_MAPPING_ANON } from '../../src/kernel/include/page.js'
import { PG_double_map, PG_head, PG_locked } from '../../src/kernel/include/page_flags.js'
import type { Mm } from '../../src/kernel/include/mm.js'
import { PFN_SHIFT, pmd_present, pmd_trans_huge, pte_present } from '../../src/kernel/include/pgtable.js'
import { is_device_private_entry } from '../../src/kernel/include/swapops.js'
import { VM_LOCKED } from '../../src/kernel/include/vm_flags.js'

/** Who maps and who holds what, counted again from the page tables, the page cache and the pins. By pfn. */
class Holders {
  readonly small = new Map<number, number>()
  readonly huge = new Map<number, number>()
  readonly refs = new Map<number, number>()
  readonly problems: string[] = []

  constructor(private readonly system: System) {
    for (const { mm, pins, others } of system.processes.values()) {
      this.countMm(mm)
      for (const page of others) this.hold(page, 1)
      for (const { kind, pages } of pins.values()) {
        for (const page of pages) this.hold(page, kind === 'pipe' || this.large(this.head(page)) ? 1 : GUP_PIN_COUNTING_BIAS)
      }
    }
    const { kernel } = system
    for (const file of kernel.files.objects) {
      const cached = system.get(file.f_count) ? file.i_pages.map((slot) => system.get(slot)).filter((slot) => slot !== 0) : []
      for (const slot of cached) this.hold(kernel.page(slot - 1), 1)
      this.expect('nrpages', system.get(file.f_count) ? system.get(file.nrpages) : 0, cached.length)
    }
    // What the test device keeps its data in.
    for (const page of kernel.memory.pages) {
      const backing = page && kernel.memory.isDevice(page) && system.get(page._refcount) ? kernel.memory.pages[system.get(page.lru)] : undefined
      if (backing) this.hold(backing, 1)
    }
  }

  head(page: Page): Page {
    const head = this.system.get(page.compound_head)
    return head ? this.system.kernel.page(head - 1) : page
  }

  large(page: Page): boolean {
    return (this.system.get(page.flags) & PG_head) !== 0
  }

  expect(what: string, found: number, counted: number): void {
    if (found !== counted) this.problems.push(`${what} is ${found}, counted ${counted}`)
  }

  private hold(page: Page, refs: number): void {
    const { pfn } = this.head(page)
    this.refs.set(pfn, (this.refs.get(pfn) ?? 0) + refs)
  }

  private map(mappings: Map<number, number>, word: number): void {
    const pfn = word >>> PFN_SHIFT
    mappings.set(pfn, (mappings.get(pfn) ?? 0) + 1)
    this.hold(this.system.kernel.page(pfn), 1)
  }

  private countMm(mm: Mm): void {
    const { system } = this
    const { kernel } = system
    for (const pmd of mm.pgd.entries.map((entry) => system.get(entry)).filter(pmd_present)) {
      if (pmd_trans_huge(pmd)) this.map(this.huge, pmd)
      else for (const pte of kernel.pmd_pgtable(pmd).entries.map((entry) => system.get(entry))) {
        if (pte !== 0 && (pte_present(pte) || is_device_private_entry(pte))) this.map(this.small, pte)
      }
    }
    let vmas = 0
    let locked = 0
    let end = 0
    for (let vma = kernel.vmas.at(system.get(mm.mmap)); vma; vma = kernel.vmas.at(system.get(vma.vm_next))) {
      if (system.get(vma.vm_start) < end) this.problems.push('VMAs overlap')
      end = system.get(vma.vm_end)
      vmas++
      if (system.get(vma.vm_flags) & VM_LOCKED) locked += end - system.get(vma.vm_start)
    }
    this.expect('map_count', system.get(mm.map_count), vmas)
    this.expect('locked_vm', system.get(mm.locked_vm), locked)
    for (const cell of [mm.mmap_lock, mm.tlb_flush_pending, mm.page_table_lock]) this.expect('a lock', system.get(cell), 0)
  }
}

/** Whether all counts are those of the holders, between two operations. */
export function wrongCounts(system: System): readonly string[] {
  const { kernel } = system
  const size = kernel.geometry.ptrsPerPte
  const holders = new Holders(system)
  const get = (cell: number): number => system.get(cell)
  for (const page of kernel.memory.pages) {
    if (!page || system.isZeroPage(page) || get(page.compound_head)) continue
    holders.expect(`page ${page.pfn}: _refcount`, get(page._refcount), holders.refs.get(page.pfn) ?? 0)
    if (get(page.flags) & PG_locked) holders.problems.push(`page ${page.pfn} is locked`)
    const entire = holders.huge.get(page.pfn) ?? 0
    if (!holders.large(page) || !get(page._refcount)) {
      holders.expect(`page ${page.pfn}: _mapcount`, get(page._mapcount) + 1, holders.small.get(page.pfn) ?? 0)
      continue
    }
    holders.expect(`page ${page.pfn}: compound_mapcount`, get(page.compound_mapcount) + 1, entire)
    const anon = get(page.mapping) & PAGE_MAPPING_ANON
    const both = anon ? Number(entire > 0 && (get(kernel.page(page.pfn + 1).flags) & PG_double_map) !== 0) : entire
    for (let i = page.pfn; i < page.pfn + size; i++) {
      holders.expect(`page ${i}: _mapcount`, get(kernel.page(i)._mapcount) + 1, (holders.small.get(i) ?? 0) + both)
    }
  }
  return holders.problems.slice(0, 5)
}

/** Objects that are still in use, with every process gone. Those that KSM knows wait for its next scan. */
export function leaks(system: System): readonly string[] {
  const { kernel } = system
  const pages = kernel.memory.pages.filter((page) => page && !system.isZeroPage(page) && system.get(page._refcount) !== 0)
  const pools = [kernel.vmas, kernel.anonVmas, kernel.anonVmaChains, kernel.tables, kernel.files].filter((pool) => {
    let free = 0
    for (let ref = system.get(pool.free); ref; ref = system.get(pool.objects[ref - 1]!.next)) free++
    return free !== pool.objects.length
  })
  return [...pages.slice(0, 3).map((page) => `page ${page!.pfn}`), ...pools.map(({ name }) => name)]
}
