import { describe, expect, it } from 'vitest'
import { Memory } from '../../src/engine/model/memory.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import { SMALL } from '../../src/kernel/geometry.js'
import { FOLL_PIN, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { PG_anon_exclusive, PG_lru, PG_swapbacked } from '../../src/kernel/include/page_flags.js'
import {
  _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_TABLE, _PAGE_USER, pfn_pte, PFN_SHIFT, pmd_trans_huge,
} from '../../src/kernel/include/pgtable.js'
import { VM_HUGEPAGE, VM_READ, VM_WRITE } from '../../src/kernel/include/vm_flags.js'
import { activate, Kernel } from '../../src/kernel/kernel.js'
import { mmap_read_lock } from '../../src/kernel/locking/mmap_lock.js'
import { lockless_pages_from_mm } from '../../src/kernel/mm/gup/lockless_pages_from_mm.js'
import { collapse_huge_page } from '../../src/kernel/mm/khugepaged/collapse_huge_page.js'
import { khugepaged_collapse_control } from '../../src/kernel/mm/khugepaged/collapse_control.js'
import { Machine } from '../../src/machine/machine.js'
import { changesOf } from '../../src/kernel/changes/changes_of.js'
import { profileByName } from '../../src/machine/profiles/index.js'

const PROT = _PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED

/** An mm with one huge-page-sized anonymous VMA; page 0 is mapped writable to an order-0 page with content 7. */
function boot() {
  const memory = new Memory()
  const machine = new Machine(memory, profileByName('x86-native')!, { cpus: 2 })
  const kernel = new Kernel(machine, { geometry: SMALL, changes: changesOf('6.1') })
  activate(kernel)
  const run = new Sequential(memory, machine.cpus[0])
  const mm = kernel.mms.objects[0]!
  const vma = kernel.vmas.objects[0]!
  const anon_vma = kernel.anonVmas.objects[0]!
  const table = kernel.tables.objects[0]!
  const page = kernel.memory.pages.findLast((p) => p)!
  const set = (values: (readonly [number, number])[]): void => {
    for (const [cell, value] of values) run.state[cell] = value
  }
  set([
    [mm.mm_users, 1], [mm.mmap, vma.ref], [vma.vm_mm, mm.ref], [vma.vm_end, 2], [vma.anon_vma, anon_vma.ref],
    [vma.vm_flags, VM_READ | VM_WRITE | VM_HUGEPAGE], [vma.vm_page_prot, PROT], [anon_vma.root, anon_vma.ref],
    [mm.pgd.entries[0]!, (table.ref << PFN_SHIFT) | _PAGE_TABLE], [table.table, 1],
    [table.entries[0]!, pfn_pte(page.pfn, PROT | _PAGE_RW | _PAGE_DIRTY)],
    [page._refcount, 1], [page._mapcount, 0], [page.mapping, (anon_vma.ref << 2) | 1], [page.content, 7],
    [page.flags, PG_lru | PG_swapbacked | PG_anon_exclusive],
  ])
  return { kernel, run, mm, table, page }
}

describe('collapse_huge_page', () => {
  it('copies the small pages and maps the huge one', () => {
    const { kernel, run, mm, page } = boot()
    run.run(mmap_read_lock(mm))
    expect(run.run(collapse_huge_page(mm, 0, khugepaged_collapse_control))).toBe('SCAN_SUCCEED')
    const pmd = run.state[mm.pgd.entries[0]!]!
    expect(pmd_trans_huge(pmd)).toBe(true)
    const head = kernel.page(pmd >>> PFN_SHIFT)
    expect([head.content, head._refcount, head.compound_mapcount].map((c) => run.state[c])).toEqual([7, 1, 0])
    expect(run.state[page._refcount]).toBe(0)
    expect(run.state[mm.mmap_lock]).toBe(0)
  })

  it('gives up when a page is pinned, and puts the table back', () => {
    const { kernel, run, mm, page, table } = boot()
    expect(run.run(lockless_pages_from_mm(mm, 0, 1, FOLL_PIN | FOLL_WRITE))).toEqual([page])
    expect(run.state[page._refcount]).toBe(1025)
    run.run(mmap_read_lock(mm))
    expect(run.run(collapse_huge_page(mm, 0, khugepaged_collapse_control))).toBe('SCAN_PAGE_COUNT')
    expect(kernel.pmd_pgtable(run.state[mm.pgd.entries[0]!]!)).toBe(table)
    expect(run.state[page.flags]! & PG_lru).toBe(PG_lru)
  })
})
