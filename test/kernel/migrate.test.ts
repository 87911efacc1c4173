import { describe, expect, it } from 'vitest'
import { FAULT_FLAG_WRITE } from '../../src/kernel/include/fault.js'
import { FOLL_PIN, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { PG_anon_exclusive, PG_head, PG_locked, PG_lru } from '../../src/kernel/include/page_flags.js'
import { pte_protnone, pte_write } from '../../src/kernel/include/pgtable.js'
import { VM_HUGEPAGE } from '../../src/kernel/include/vm_flags.js'
import { folio_lock, folio_unlock } from '../../src/kernel/locking/folio_lock.js'
import { vma_lookup } from '../../src/kernel/mm/find_vma.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { internal_get_user_pages_fast } from '../../src/kernel/mm/gup/get_user_pages.js'
import { split_huge_page } from '../../src/kernel/mm/huge_memory/split_huge_page.js'
import { handle_mm_fault } from '../../src/kernel/mm/memory/handle_mm_fault.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { task_numa_work } from '../../src/kernel/sched/task_numa_work.js'
import { System } from './system.js'

const numa = { nodes: 2, pages: 4 }

describe('move_pages', () => {
  it('moves an exclusive page to the other node and keeps it writable', () => {
    const s = new System(numa)
    s.mmap(0, 2)
    s.write(0, 7)
    const old = s.page(0)!
    expect(s.call(sys_move_pages(s.mm, 0, 1, 1))).toEqual({ result: 0, status: [1] })
    const now = s.page(0)!
    expect([old.nid, now.nid, s.value(0)]).toEqual([0, 1, 7])
    expect(pte_write(s.entry(0).word)).toBe(true)
    expect(s.get(now.flags) & (PG_anon_exclusive | PG_lru | PG_locked)).toBe(PG_anon_exclusive | PG_lru)
    expect([now._refcount, now._mapcount, old._refcount].map((c) => s.get(c))).toEqual([1, 0, 0])
  })

  it('says which pages it cannot move, and why', () => {
    const s = new System(numa)
    s.mmap(0, 2)
    s.write(0, 7)
    expect(s.call(sys_move_pages(s.mm, 0, 2, 0)).status).toEqual([0, -14])
    const child = s.call(dup_mm(s.mm))!
    expect(s.call(sys_move_pages(s.mm, 0, 1, 1)).status).toEqual([-13])
    expect(s.value(0, child)).toBe(7)
  })

  it('leaves a pinned page where it is, exclusive as before', () => {
    const s = new System(numa)
    s.mmap(0, 1)
    s.write(0, 7)
    const page = s.page(0)!
    s.call(internal_get_user_pages_fast(s.mm, 0, 1, FOLL_PIN | FOLL_WRITE))
    expect(s.call(sys_move_pages(s.mm, 0, 1, 1)).result).toBe(1)
    expect(s.page(0)).toBe(page)
    expect(s.get(page.flags) & (PG_anon_exclusive | PG_locked)).toBe(PG_anon_exclusive)
    expect(pte_write(s.entry(0).word)).toBe(true)
  })
})

describe('split_huge_page', () => {
  const huge = () => {
    const s = new System({ pages: 4, nodes: 2 })
    s.mmap(0, 2)
    const vma = s.call(vma_lookup(s.mm, 0))!
    s.run.set(vma.vm_flags, s.get(vma.vm_flags) | VM_HUGEPAGE)
    s.call(handle_mm_fault(s.mm, vma, 0, FAULT_FLAG_WRITE))
    return s
  }

  it('makes small pages of a mapped huge page', () => {
    const s = huge()
    expect(s.entry(0).huge).toBe(true)
    s.write(1, 5)
    const folio = s.page(0)!
    s.run.set(folio._refcount, s.get(folio._refcount) + 1)
    s.call(folio_lock(folio))
    expect(s.call(split_huge_page(folio))).toBe(0)
    s.call(folio_unlock(folio))
    expect(s.entry(0).huge).toBe(false)
    expect([s.value(0), s.value(1)]).toEqual([0, 5])
    expect(s.get(folio.flags) & (PG_head | PG_anon_exclusive)).toBe(PG_anon_exclusive)
    const pages = [s.page(0)!, s.page(1)!]
    expect(pages.map((p) => [p._refcount, p._mapcount, p.compound_head].map((c) => s.get(c)))).toEqual([[2, 0, 0], [1, 0, 0]])
  })

  it('is refused while somebody else has a reference', () => {
    const s = huge()
    const folio = s.page(0)!
    s.run.set(folio._refcount, s.get(folio._refcount) + 2)
    s.call(folio_lock(folio))
    expect(s.call(split_huge_page(folio))).toBe(-11)
    expect(s.entry(0).huge).toBe(true)
  })

  it('moves a huge page as a whole', () => {
    const s = huge()
    s.write(1, 5)
    expect(s.call(sys_move_pages(s.mm, 0, 2, 1)).result).toBe(0)
    expect([s.entry(0).huge, s.page(0)!.nid, s.value(1)]).toEqual([true, 1, 5])
  })
})

describe('NUMA balancing', () => {
  const scanned = () => {
    const s = new System(numa)
    s.mmap(0, 1)
    s.write(0, 7)
    s.call(sys_move_pages(s.mm, 0, 1, 1))
    s.call(task_numa_work(s.mm))
    expect(pte_protnone(s.entry(0).word)).toBe(true)
    return s
  }
  const fault = (s: System) => s.call(handle_mm_fault(s.mm, s.call(vma_lookup(s.mm, 0))!, 0, 0))

  it('a hinting fault moves the page to the node of the CPU', () => {
    const s = scanned()
    fault(s)
    expect([s.page(0)!.nid, s.value(0), pte_write(s.entry(0).word), pte_protnone(s.entry(0).word)]).toEqual([0, 7, true, false])
  })

  it('takes only the hint away when the page is held', () => {
    const s = scanned()
    const page = s.page(0)!
    s.run.set(page._refcount, s.get(page._refcount) + 1)
    for (let i = 0; i < 2; i++) fault(s)
    expect([s.page(0), pte_protnone(s.entry(0).word)]).toEqual([page, false])
  })
})
