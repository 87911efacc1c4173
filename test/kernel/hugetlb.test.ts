import { describe, expect, it } from 'vitest'
import { atomic, type Steps } from '../../src/engine/model/step.js'
import { sys_mmap_hugetlb } from '../../src/kernel/fs/hugetlbfs/sys_mmap_hugetlb.js'
import { hugetlb_vmtruncate, hugetlbfs_punch_hole } from '../../src/kernel/fs/hugetlbfs/hugetlb_vmtruncate.js'
import type { AddressSpace } from '../../src/kernel/include/address_space.js'
import { FAULT_FLAG_WRITE, VM_FAULT_SIGBUS } from '../../src/kernel/include/fault.js'
import { FOLL_GET, FOLL_LONGTERM, FOLL_PIN, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import type { Mm } from '../../src/kernel/include/mm.js'
import { PG_anon_exclusive } from '../../src/kernel/include/page_flags.js'
import { pte_write } from '../../src/kernel/include/pgtable.js'
import { vma_lookup } from '../../src/kernel/mm/find_vma.js'
import { dup_mm, mm_alloc } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { mmput } from '../../src/kernel/mm/fork/mmput.js'
import { get_user_pages, internal_get_user_pages_fast, pin_user_pages } from '../../src/kernel/mm/gup/get_user_pages.js'
import { unpin_user_page } from '../../src/kernel/mm/gup/unpin_user_page.js'
import { handle_mm_fault } from '../../src/kernel/mm/memory/handle_mm_fault.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { sys_mprotect } from '../../src/kernel/mm/mprotect/sys_mprotect.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { sys_mremap } from '../../src/kernel/mm/mremap/sys_mremap.js'
import { MADV } from '../../src/kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { wrongHugetlbCount } from '../../src/oracles/hugetlb-counts.js'
import { System } from './system.js'

const PROT_READ = 1
const PROT_READ_WRITE = 3
const SIZES = { hugetlbPages: 4, files: 2, mms: 3 }

const table = (s: System, mm: Mm) => {
  const pud = s.get(mm.pgd.entries[0]!)
  return pud ? s.kernel.pmd_pgtable(pud) : undefined
}

/** Two address spaces that map the two pages of a file through one table. */
const shared = () => {
  const s = new System(SIZES)
  s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: true }))
  s.write(0, 7)
  const file = s.kernel.files.objects[0]!
  const other = s.call(mm_alloc())
  s.call(sys_mmap_hugetlb(other, 0, 2, PROT_READ_WRITE, { shared: true, file: file.ref }))
  s.call(handle_mm_fault(other, s.call(vma_lookup(other, 0))!, 0, FAULT_FLAG_WRITE))
  return { s, other, file }
}

/** Pages that are free, and how many of them are promised. */
const counts = (s: System) => [s.kernel.memory.free_huge_pages, s.kernel.memory.resv_huge_pages].map((cell) => s.get(cell))

const expectRightCounts = (s: System): void => {
  expect(s.call(atomic('look', (m) => wrongHugetlbCount(m, s.kernel)))).toBeUndefined()
}

describe('reservations of hugetlbfs', () => {
  it('are made by mmap(), used by faults and given back', () => {
    const s = new System(SIZES)
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: true }))
    expect(counts(s)).toEqual([4, 2])
    s.call(sys_mmap_hugetlb(s.mm, 2, 1, PROT_READ_WRITE, { shared: false }))
    expect(counts(s)).toEqual([4, 3])
    s.write(0, 1)
    s.write(2, 1)
    expect(counts(s)).toEqual([2, 1])
    expectRightCounts(s)
    s.call(sys_munmap(s.mm, 2, 1))
    expect(counts(s)).toEqual([3, 1])
    s.call(sys_munmap(s.mm, 0, 2))
    expect(counts(s)).toEqual([4, 0])
  })

  it('make mmap() fail when there are not enough pages', () => {
    const s = new System({ ...SIZES, hugetlbPages: 1 })
    expect(s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: true }))).toBe(-12)
    expect(s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: false }))).toBe(-12)
    expect(s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: true, noreserve: true }))).toBe(0)
    s.write(1, 1)
    expect(counts(s)).toEqual([0, 0])
    expectRightCounts(s)
  })

  it('are not for children: these lose the page to a parent that finds no other', () => {
    const s = new System({ ...SIZES, hugetlbPages: 1 })
    s.call(sys_mmap_hugetlb(s.mm, 0, 1, PROT_READ_WRITE, { shared: false }))
    s.write(0, 5)
    const page = s.page(0)
    const child = s.call(dup_mm(s.mm))!
    expect([s.page(0, child), s.get(page!.compound_mapcount)]).toEqual([page, 1])
    s.write(0, 6)
    expect([s.page(0), s.value(0), s.page(0, child)]).toEqual([page, 6, undefined])
    expect(s.call(handle_mm_fault(child, s.call(vma_lookup(child, 0))!, 0, 0))).toBe(VM_FAULT_SIGBUS)
    expectRightCounts(s)
  })
})

describe('hugetlbfs', () => {
  it('fork() copies a page that is pinned, and shares one that is not', () => {
    const s = new System(SIZES)
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: false }))
    s.write(0, 5)
    s.write(1, 6)
    const [pinned] = s.call(internal_get_user_pages_fast(s.mm, 0, 1, FOLL_PIN | FOLL_WRITE)).pages
    const child = s.call(dup_mm(s.mm))!
    expect([s.page(0), s.page(1, child)]).toEqual([pinned, s.page(1)])
    expect([s.value(0, child), s.page(0, child) === pinned, pte_write(s.entry(0).word)]).toEqual([5, false, true])
    s.call(unpin_user_page(pinned!))
    s.call(mmput(child))
    expectRightCounts(s)
  })

  it.each([[false], [true]])('migrates a page (shared: %s)', (isShared) => {
    const s = new System({ ...SIZES, nodes: 2 })
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: isShared }))
    s.write(0, 5)
    const child = s.call(dup_mm(s.mm))!
    s.call(handle_mm_fault(child, s.call(vma_lookup(child, 0))!, 0, 0))
    s.call(mmput(child))
    const page = s.page(0)!
    const { result } = s.call(sys_move_pages(s.mm, 0, 1, 1 - page.nid))
    expect([result, s.page(0) === page, s.page(0)!.nid, s.value(0)]).toEqual([0, false, 1 - page.nid, 5])
    expect([s.get(page._refcount), s.get(s.page(0)!.compound_mapcount)]).toEqual([0, 0])
    s.call(sys_move_pages(s.mm, 0, 1, page.nid))
    s.write(0, 6)
    expect([s.value(0), counts(s)]).toEqual([6, [3, 1]])
    expectRightCounts(s)
  })

  it('a long-term pin of a page in ZONE_MOVABLE fails: it is not even moved', () => {
    const s = new System({ ...SIZES, nodes: 2, movableNodes: 1 })
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: false }))
    s.write(0, 5)
    expect(s.call(pin_user_pages(s.mm, 0, 1, FOLL_WRITE | FOLL_LONGTERM))).toEqual({ pages: [], done: 0, error: -12 })
    expect(s.page(0)!.nid).toBe(1)
  })

  it('mremap() moves a page with its reservations', () => {
    const s = new System({ ...SIZES, ptrsPerPmd: 4 })
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: false }))
    s.write(0, 5)
    const page = s.page(0)
    expect(s.call(sys_mremap(s.mm, 0, 2, 4, false))).toBe(0)
    expect([s.page(4), s.value(4), counts(s)]).toEqual([page, 5, [3, 1]])
    s.write(5, 6)
    s.call(sys_munmap(s.mm, 4, 2))
    expect(counts(s)).toEqual([4, 0])
  })

  it('mremap() of a part does without a shared table', () => {
    const { s, other } = shared()
    expect(s.call(sys_mremap(s.mm, 0, 1, 2, false))).toBe(0)
    expect([table(s, s.mm), s.get(table(s, other)!.pt_share_count), s.page(2)]).toEqual([undefined, 0, undefined])
    s.write(2, 9)
    expect(s.value(0, other)).toBe(9)
  })

  it.each([
    ['truncation', (file: AddressSpace) => hugetlb_vmtruncate(file, 0), [4, 0]],
    ['a hole', (file: AddressSpace) => hugetlbfs_punch_hole(file, 0, 1), [4, 1]],
  ] as const)('%s takes pages out of the file and of all address spaces', (_, call, expected) => {
    const { s, other, file } = shared()
    s.call(call(file))
    expect([s.page(0), s.page(0, other), s.get(file.i_pages[0]!)]).toEqual([undefined, undefined, 0])
    expect(counts(s)).toEqual(expected)
    expectRightCounts(s)
  })

  it('maps a page of a private mapping, exclusive and writable, and frees it', () => {
    const s = new System(SIZES)
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: false }))
    s.write(1, 7)
    const page = s.page(1)!
    expect([page.hugetlb, s.value(1), pte_write(s.entry(1).word)]).toEqual([true, 7, true])
    expect(s.get(page.flags) & PG_anon_exclusive).toBe(PG_anon_exclusive)
    expect([page._refcount, page.compound_mapcount, page._mapcount].map((c) => s.get(c))).toEqual([1, 0, -1])
    s.call(sys_munmap(s.mm, 0, 2))
    expect([s.get(page._refcount), s.get(s.kernel.memory.freeHugetlb)]).toEqual([0, page.pfn])
  })

  it('copies a page of the page cache on a write to a private mapping', () => {
    const { s, file } = shared()
    s.call(sys_mmap_hugetlb(s.mm, 2, 1, PROT_READ_WRITE, { shared: false, file: file.ref }))
      const vma = s.call(vma_lookup(s.mm, 2))!
    s.call(handle_mm_fault(s.mm, vma, 2, 0))
    expect([s.page(2), pte_write(s.entry(2).word)]).toEqual([s.page(0), false])
    s.write(2, 9)
    expect([s.value(0), s.value(2), s.page(2) === s.page(0)]).toEqual([7, 9, false])
    expect(s.get(s.page(0)!.compound_mapcount)).toBe(0)
  })

  it('shares a table, with one mapping count for both', () => {
    const { s, other } = shared()
    expect(table(s, other)).toBe(table(s, s.mm))
    expect(s.get(table(s, s.mm)!.pt_share_count)).toBe(1)
    expect([s.page(0)!._refcount, s.page(0)!.compound_mapcount].map((c) => s.get(c))).toEqual([2, 0])
    s.write(1, 5)
    expect(s.value(1, other)).toBe(5)
  })

  it('does not share where a VMA covers only a part of the table', () => {
    const { s, file } = shared()
    const third = s.call(mm_alloc())
    s.call(sys_mmap_hugetlb(third, 0, 1, PROT_READ_WRITE, { shared: true, file: file.ref }))
      s.call(handle_mm_fault(third, s.call(vma_lookup(third, 0))!, 0, FAULT_FLAG_WRITE))
    expect(table(s, third)).not.toBe(table(s, s.mm))
    expect(s.get(s.page(0)!.compound_mapcount)).toBe(1)
  })

  it('a child shares the table of its parent', () => {
    const { s } = shared()
    const child = s.call(dup_mm(s.mm))!
    expect(table(s, child)).toBeUndefined()
    s.call(handle_mm_fault(child, s.call(vma_lookup(child, 0))!, 0, 0))
    expect([table(s, child) === table(s, s.mm), s.get(table(s, child)!.pt_share_count)]).toEqual([true, 2])
  })

  it.each<[string, (s: System) => Steps<unknown>]>([
    ['munmap', (s: System) => sys_munmap(s.mm, 0, 2)],
    ['MADV_DONTNEED of a part', (s: System) => sys_madvise(s.mm, 0, 1, MADV.DONTNEED)],
    ['mprotect of a part', (s: System) => sys_mprotect(s.mm, 0, 1, PROT_READ)],
    ['exit', (s: System) => mmput(s.mm)],
  ])('%s takes the whole table away from one address space alone', (_, call) => {
    const { s, other } = shared()
    s.call(call(s))
    expect([table(s, s.mm), s.get(table(s, other)!.pt_share_count)]).toEqual([undefined, 0])
    expect([s.value(0, other), s.get(s.page(0, other)!.compound_mapcount)]).toEqual([7, 0])
    s.call(mmput(other))
  })

  it('protects entries of a table that is not shared', () => {
    const s = new System(SIZES)
    s.call(sys_mmap_hugetlb(s.mm, 0, 2, PROT_READ_WRITE, { shared: true }))
    s.write(0, 7)
    s.write(1, 8)
    s.call(sys_mprotect(s.mm, 0, 1, PROT_READ))
    expect([0, 1].map((at) => pte_write(s.entry(at).word))).toEqual([false, true])
  })

  it('hands pages out with and without locks', () => {
    const { s } = shared()
    const fast = s.call(internal_get_user_pages_fast(s.mm, 0, 2, FOLL_PIN | FOLL_WRITE))
    expect(fast.pages).toEqual([s.page(0), s.page(1)])
    expect(fast.pages.map((page) => [s.get(page._refcount), s.get(page.compound_pincount)])).toEqual([[3, 1], [3, 1]])
    for (const page of fast.pages) s.call(unpin_user_page(page))
    expect(s.call(get_user_pages(s.mm, 0, 2, FOLL_GET)).pages).toEqual(fast.pages)
  })
})
