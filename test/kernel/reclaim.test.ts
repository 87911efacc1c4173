import { describe, expect, it } from 'vitest'
import { FAULT_FLAG_WRITE } from '../../src/kernel/include/fault.js'
import {
  PG_active, PG_anon_exclusive, PG_head, PG_lru, PG_mlocked, PG_referenced, PG_swapcache, PG_unevictable,
} from '../../src/kernel/include/page_flags.js'
import { folio_get } from '../../src/kernel/include/page_ref.js'
import type { Page } from '../../src/kernel/include/page.js'
import { SWAP_HAS_CACHE } from '../../src/kernel/include/swap_area.js'
import { is_genuine_swap_entry } from '../../src/kernel/include/swapops.js'
import { vma_lookup } from '../../src/kernel/mm/find_vma.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { deferred_split_scan } from '../../src/kernel/mm/huge_memory/deferred_split_scan.js'
import { ksm_do_scan } from '../../src/kernel/mm/ksm/ksm_do_scan.js'
import { MADV } from '../../src/kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { handle_mm_fault } from '../../src/kernel/mm/memory/handle_mm_fault.js'
import { sys_move_pages } from '../../src/kernel/mm/migrate/move_pages.js'
import { sys_mlock } from '../../src/kernel/mm/mlock/sys_mlock.js'
import { folio_put } from '../../src/kernel/mm/swap/folio_put.js'
import { lru_add_drain } from '../../src/kernel/mm/swap/lru_add_drain.js'
import { user_read } from '../../src/kernel/mm/user/user_access.js'
import { reclaim_folio } from '../../src/kernel/mm/vmscan/reclaim_folio.js'
import { System } from './system.js'

const MADV_MERGEABLE = 12
const MADV_HUGEPAGE = 14

const slots = (s: System) => s.kernel.swap.swap_map.map((slot) => s.get(slot))

const fault = (s: System, address: number, flags = 0, mm = s.mm) => {
  s.call(handle_mm_fault(mm, s.call(vma_lookup(mm, address))!, address, flags))
  s.call(lru_add_drain())
}

const flags = (s: System, page: Page, mask: number) => s.get(page.flags) & mask

describe('a folio at the end of its LRU list', () => {
  const one = () => {
    const s = new System({ swapSlots: 2, mms: 2 })
    s.mmap(0, 1)
    s.write(0, 7)
    return { s, page: s.page(0)! }
  }

  it('that was used is spared once, and reclaimed when it was not used since', () => {
    const { s, page } = one()
    expect([s.call(reclaim_folio(page)), flags(s, page, PG_referenced | PG_active | PG_lru)]).toEqual([false, PG_referenced | PG_lru])
    expect([s.call(reclaim_folio(page)), is_genuine_swap_entry(s.entry(0).word), s.get(page._refcount)]).toEqual([true, true, 0])
  })

  it('that two processes used becomes active, and needs two more visits', () => {
    const { s, page } = one()
    const child = s.call(dup_mm(s.mm))!
    s.call(user_read(child, 0))
    expect([s.call(reclaim_folio(page)), flags(s, page, PG_active)]).toEqual([false, PG_active])
    expect([s.call(reclaim_folio(page)), flags(s, page, PG_active)]).toEqual([false, 0])
    expect([s.call(reclaim_folio(page)), slots(s)]).toEqual([true, [2, 0]])
  })

  it('that is mlocked again meanwhile is put on the unevictable list', () => {
    const { s, page } = one()
    s.call(sys_mlock(s.mm, 0, 1))
    s.run.set(page.flags, s.get(page.flags) & ~(PG_mlocked | PG_unevictable))
    expect([s.call(reclaim_folio(page)), s.page(0)]).toEqual([false, page])
    s.call(lru_add_drain())
    expect(flags(s, page, PG_mlocked | PG_unevictable | PG_lru)).toBe(PG_mlocked | PG_unevictable | PG_lru)
  })
})

describe('a huge page', () => {
  const huge = (swapSlots: number) => {
    const s = new System({ swapSlots, hugePages: 1, pages: 4 })
    s.mmap(0, 2)
    s.call(sys_madvise(s.mm, 0, 2, MADV_HUGEPAGE))
    s.write(0, 7)
    s.run.set(s.page(1)!.content, 8)
    return { s, head: s.page(0)!, tail: s.page(1)! }
  }

  it('is swapped out to a cluster, and comes back in small pages', () => {
    const { s, head } = huge(2)
    s.call(sys_madvise(s.mm, 0, 2, MADV.PAGEOUT))
    expect([slots(s), s.kernel.swap.content.map((c) => s.get(c)), s.get(head._refcount), s.entry(0).huge]).toEqual([[1, 1], [7, 8], 0, false])
    for (const address of [0, 1]) fault(s, address, FAULT_FLAG_WRITE)
    expect([s.value(0), s.value(1), slots(s)]).toEqual([7, 8, [0, 0]])
  })

  it('that somebody holds stays as it is, and is active then', () => {
    const { s, head } = huge(2)
    s.call(folio_get(head))
    s.call(sys_madvise(s.mm, 0, 2, MADV.PAGEOUT))
    expect([s.entry(0).huge, flags(s, head, PG_active), slots(s)]).toEqual([true, PG_active, [0, 0]])
    s.call(folio_put(head))
    expect([s.call(reclaim_folio(head)), s.call(reclaim_folio(head)), slots(s), s.get(head._refcount)]).toEqual([false, true, [1, 1], 0])
  })

  it('is split where there is no cluster for it', () => {
    const { s, head, tail } = huge(1)
    s.call(sys_madvise(s.mm, 0, 2, MADV.PAGEOUT))
    s.call(lru_add_drain())
    expect([flags(s, head, PG_head), slots(s), is_genuine_swap_entry(s.entry(0).word), s.page(1)]).toEqual([0, [1], true, tail])
    expect([s.value(1), s.get(tail._refcount), s.get(head._refcount)]).toEqual([8, 1, 0])
  })

  it('of which a part was given back is split when memory is short, and that part is free', () => {
    const { s, head, tail } = huge(0)
    const queued = () => s.get(s.kernel.memory.blocks[head.block]!.deferred_list)
    s.call(sys_madvise(s.mm, 1, 1, MADV.DONTNEED))
    expect([queued(), s.get(head._refcount), flags(s, head, PG_head)]).toEqual([1, 1, PG_head])
    expect([s.call(deferred_split_scan()), queued(), flags(s, head, PG_head)]).toEqual([1, 0, 0])
    expect([s.value(0), s.get(head._refcount), s.get(tail._refcount)]).toEqual([7, 1, 0])
  })

  it('leaves the queue when it is freed', () => {
    const { s, head } = huge(0)
    for (const address of [1, 0]) s.call(sys_madvise(s.mm, address, 1, MADV.DONTNEED))
    expect([s.get(head._refcount), s.get(s.kernel.memory.blocks[head.block]!.deferred_list), s.call(deferred_split_scan())]).toEqual([0, 0, 0])
  })
})

describe('the swap cache', () => {
  it('keeps a page when it migrates', () => {
    const s = new System({ swapSlots: 1, nodes: 2 })
    s.mmap(0, 1)
    s.write(0, 7)
    const before = s.page(0)!
    s.call(folio_get(before))
    s.call(sys_madvise(s.mm, 0, 1, MADV.PAGEOUT))
    fault(s, 0)
    s.call(folio_put(before))
    expect([s.page(0), flags(s, before, PG_swapcache), slots(s)]).toEqual([before, PG_swapcache, [SWAP_HAS_CACHE]])
    expect(s.call(sys_move_pages(s.mm, 0, 1, 1)).result).toBe(0)
    const after = s.page(0)!
    expect([after.nid, s.get(s.kernel.swap.i_pages[0]!), s.get(after.private), s.get(after._refcount), s.get(before._refcount)]).toEqual(
      [1, after.pfn + 1, 1, 2, 0])
    expect([flags(s, after, PG_swapcache | PG_anon_exclusive) & PG_swapcache, s.value(0)]).toEqual([PG_swapcache, 7])
  })

  it('a page of KSM comes back as it was while it is there, and as copies from the device', () => {
    const s = new System({ swapSlots: 2, pages: 8, ksmItems: 8, ksmNodes: 4, anonVmas: 8 })
    for (const address of [0, 2]) {
      s.mmap(address, 1)
      s.write(address, 7)
      s.call(sys_madvise(s.mm, address, 1, MADV_MERGEABLE))
    }
    for (let i = 0; i < 3; i++) s.call(ksm_do_scan())
    const merged = s.page(0)!
    expect(s.page(2)).toBe(merged)
    for (let i = 0; i < 4 && s.get(merged._refcount) > 0; i++) s.call(reclaim_folio(merged))
    expect([s.get(merged._refcount), slots(s)]).toEqual([0, [2, 0]])
    fault(s, 0)
    fault(s, 2)
    expect([s.value(0), s.value(2), s.page(0) === s.page(2), slots(s)]).toEqual([7, 7, false, [SWAP_HAS_CACHE, 0]])
    s.write(0, 8)
    s.write(2, 9)
    expect([s.value(0), s.value(2)]).toEqual([8, 9])
  })
})
