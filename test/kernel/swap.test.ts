import { describe, expect, it } from 'vitest'
import { FAULT_FLAG_WRITE } from '../../src/kernel/include/fault.js'
import { FOLL_PIN, FOLL_WRITE } from '../../src/kernel/include/gup_flags.js'
import { PG_anon_exclusive, PG_swapcache } from '../../src/kernel/include/page_flags.js'
import { pte_write } from '../../src/kernel/include/pgtable.js'
import { SWAP_HAS_CACHE } from '../../src/kernel/include/swap_area.js'
import { is_genuine_swap_entry, pte_swp_exclusive } from '../../src/kernel/include/swapops.js'
import { vma_lookup } from '../../src/kernel/mm/find_vma.js'
import { dup_mm } from '../../src/kernel/mm/fork/mm_lifetime.js'
import { mmput } from '../../src/kernel/mm/fork/mmput.js'
import { internal_get_user_pages_fast } from '../../src/kernel/mm/gup/get_user_pages.js'
import { MADV } from '../../src/kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../src/kernel/mm/madvise/sys_madvise.js'
import { handle_mm_fault } from '../../src/kernel/mm/memory/handle_mm_fault.js'
import { sys_munmap } from '../../src/kernel/mm/mmap/munmap.js'
import { folio_get } from '../../src/kernel/include/page_ref.js'
import { lru_add_drain } from '../../src/kernel/mm/swap/lru_add_drain.js'
import { System } from './system.js'

const swapped = (slots = 2) => {
  const s = new System({ swapSlots: slots })
  s.mmap(0, 2)
  s.write(0, 7)
  const page = s.page(0)!
  s.call(sys_madvise(s.mm, 0, 1, MADV.PAGEOUT))
  return { s, page }
}

const fault = (s: System, flags = 0, mm = s.mm) => {
  s.call(handle_mm_fault(mm, s.call(vma_lookup(mm, 0))!, 0, flags))
  s.call(lru_add_drain())
}

const counts = (s: System) => s.kernel.swap.swap_map.map((slot) => s.get(slot))

describe('swap', () => {
  it('MADV_PAGEOUT writes a page to its slot, frees it, and leaves an exclusive entry', () => {
    const { s, page } = swapped()
    const { word } = s.entry(0)
    expect([is_genuine_swap_entry(word), pte_swp_exclusive(word)]).toEqual([true, true])
    expect([counts(s), s.get(s.kernel.swap.content[0]!), s.get(page._refcount)]).toEqual([[1, 0], 7, 0])
  })

  it.each([['read', 0, false], ['write', FAULT_FLAG_WRITE, true]])('a %s brings it back, exclusive, and frees the slot', (_, flags, writable) => {
    const { s } = swapped()
    fault(s, flags)
    const page = s.page(0)!
    expect([s.value(0), counts(s), pte_write(s.entry(0).word)]).toEqual([7, [0, 0], writable])
    expect(s.get(page.flags) & (PG_anon_exclusive | PG_swapcache)).toBe(PG_anon_exclusive)
    expect([page._refcount, page._mapcount].map((c) => s.get(c))).toEqual([1, 0])
  })

  it('a child has the slot too, and neither side is exclusive', () => {
    const { s } = swapped()
    const child = s.call(dup_mm(s.mm))!
    expect([counts(s), pte_swp_exclusive(s.entry(0).word), s.entry(0, child).word]).toEqual([[2, 0], false, s.entry(0).word])
    fault(s)
    const cached = s.page(0)!
    expect([counts(s), s.get(cached.flags) & PG_swapcache]).toEqual([[1 | SWAP_HAS_CACHE, 0], PG_swapcache])
    fault(s, FAULT_FLAG_WRITE, child)
    expect([s.page(0, child) === cached, s.value(0, child), pte_write(s.entry(0, child).word)]).toEqual([false, 7, true])
    s.call(mmput(child))
    fault(s, FAULT_FLAG_WRITE)
    expect([s.page(0), counts(s), pte_write(s.entry(0).word)]).toEqual([cached, [0, 0], true])
  })

  it.each([
    ['munmap', (s: System) => sys_munmap(s.mm, 0, 2)],
    ['MADV_DONTNEED', (s: System) => sys_madvise(s.mm, 0, 2, MADV.DONTNEED)],
  ])('%s frees what is in the swap cache', (_, call) => {
    const shared = swapped().s
    const child = shared.call(dup_mm(shared.mm))!
    fault(shared)
    const cached = shared.page(0)!
    shared.call(call(shared))
    shared.call(mmput(child))
    expect([counts(shared), shared.get(cached._refcount)]).toEqual([[0, 0], 0])
  })

  it.each([
    ['munmap', (s: System) => sys_munmap(s.mm, 0, 2)],
    ['MADV_DONTNEED', (s: System) => sys_madvise(s.mm, 0, 2, MADV.DONTNEED)],
    ['MADV_FREE', (s: System) => sys_madvise(s.mm, 0, 2, MADV.FREE)],
  ])('%s frees the slot', (_, call) => {
    const { s } = swapped()
    s.call(call(s))
    expect([counts(s), s.entry(0).word]).toEqual([[0, 0], 0])
  })

  it('a pinned page stays where it is, exclusive', () => {
    const s = new System({ swapSlots: 1 })
    s.mmap(0, 1)
    s.write(0, 7)
    const page = s.page(0)!
    s.call(internal_get_user_pages_fast(s.mm, 0, 1, FOLL_PIN | FOLL_WRITE))
    s.call(sys_madvise(s.mm, 0, 1, MADV.PAGEOUT))
    expect([s.page(0), counts(s), s.get(page.flags) & PG_anon_exclusive]).toEqual([page, [0], PG_anon_exclusive])
  })

  it('a page that somebody holds stays in memory, in the swap cache', () => {
    const s = new System({ swapSlots: 1 })
    s.mmap(0, 1)
    s.write(0, 7)
    const page = s.page(0)!
    s.call(folio_get(page))
    s.call(sys_madvise(s.mm, 0, 1, MADV.PAGEOUT))
    expect([counts(s), s.get(page.flags) & PG_swapcache]).toEqual([[1 | SWAP_HAS_CACHE], PG_swapcache])
    fault(s, FAULT_FLAG_WRITE)
    expect([s.page(0), counts(s)]).toEqual([page, [SWAP_HAS_CACHE]])
  })

  it('pages stay when no slot is free', () => {
    const s = new System({ swapSlots: 1 })
    s.mmap(0, 2)
    s.write(0, 7)
    s.write(1, 8)
    s.call(sys_madvise(s.mm, 0, 2, MADV.PAGEOUT))
    expect([is_genuine_swap_entry(s.entry(0).word), s.value(1)]).toEqual([true, 8])
  })
})
