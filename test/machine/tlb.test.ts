import { describe, expect, it } from 'vitest'
import { flush_tlb_page, flush_tlb_range, tlb_flush } from '../../src/machine/flush.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode, entry_xchg } from '../../src/machine/entry.js'
import { profilesOn } from '../../src/machine/profiles/index.js'
import { user_load, user_store } from '../../src/machine/user.js'
import { DIRTY, HUGE, RO, RW, system, word } from './system.js'

describe('a translation', () => {
  it('outlives its entry until a flush', () => {
    const s = system('x86-native')
    s.set(s.pte(0), 0)
    expect(s.sees(1, 0)).toEqual([0, word(1, DIRTY)])
    expect(s.canReach(1)).toBe(0b11)
    s.on(0, () => flush_tlb_page(s.mm, 0))
    expect(s.sees(1, 0)).toEqual([0])
    expect(s.canReach(1)).toBe(0)
  })

  it('may be any value since the last flush', () => {
    const s = system('x86-native')
    s.set(s.pte(0), word(3, RW))
    s.set(s.pte(0), 0)
    expect(s.sees(0, 0).map((w) => w >> 12)).toEqual([0, 1, 3])
  })

  it('is not remembered when the entry only gains rights, nor once the entry is back', () => {
    const s = system('x86-native')
    const fresh = s.state.slice()
    s.set(s.pte(0), 0)
    s.set(s.pte(0), word(1, DIRTY))
    expect(s.state).toEqual(fresh)
    s.set(s.pte(1), 0)
    s.set(s.pte(1), word(2, RO))
    s.on(0, () => flush_tlb_page(s.mm, 1))
    s.set(s.pte(1), word(2, DIRTY))
    expect(s.state).toEqual(fresh)
  })

  it('is not remembered by a CPU that has another address space loaded', () => {
    const s = system('x86-native', 3)
    s.state[s.machine.cpus[2]!.cr3] = 7
    s.set(s.pte(0), 0)
    expect(s.canReach(1)).toBe(0b011)
  })

  it('of an entry without ACCESSED is not cached where software sets it', () => {
    for (const [name, stale] of [['arm64', 2], ['s390', 1]] as const) {
      const s = system(name)
      s.state[s.pte(0)] = word(1, DIRTY & ~0x20)
      s.set(s.pte(0), 0)
      expect(s.sees(1, 0)).toHaveLength(stale)
    }
  })

  it('of a huge page goes with the pages below', () => {
    const s = system('x86-native')
    s.set(s.pmd.cells[0]!, word(4, HUGE))
    expect(s.canReach(1)).toBe(0b11)
    expect(s.canReach(5)).toBe(0b11)
    s.on(0, () => flush_tlb_range(s.mm, 0, 2))
    expect(s.canReach(1)).toBe(0)
    expect(s.sees(0, 1)).toEqual([word(4, HUGE)])
  })
})

describe('a table', () => {
  it('is walked from the walk cache after it was unlinked', () => {
    const s = system('arm64')
    s.set(s.pmd.cells[0]!, 0)
    expect(s.canWalk(0)).toBe(0b11)
    s.set(s.pte(0), word(3, DIRTY))
    expect(s.sees(1, 0).map((w) => w >> 12)).toEqual([0, 1, 3])
  })

  it.each([
    ['arm64', 'flush_tlb_page', false], ['arm64', 'flush_tlb_range', true], ['arm64', 'gather', false],
    ['x86-native', 'flush_tlb_page', true], ['x86-native', 'gather', true],
    ['ppc64-radix', 'flush_tlb_range', false],
  ] as const)('%s: %s drops walk caches: %s', (name, call, drops) => {
    const s = system(name)
    s.set(s.pmd.cells[0]!, 0)
    s.on(0, () => ({ flush_tlb_page: () => flush_tlb_page(s.mm, 0), flush_tlb_range: () => flush_tlb_range(s.mm, 0, 2),
      gather: () => tlb_flush(s.mm, 0, 2) })[call]())
    expect(s.sees(1, 0)).toHaveLength(drops ? 1 : 2)
  })

  it('is dropped from walk caches by a gather that freed it', () => {
    for (const name of ['arm64', 'ppc64-radix', 'x86-pv']) {
      const s = system(name)
      s.set(s.pmd.cells[0]!, 0)
      s.on(0, () => tlb_flush(s.mm, 0, 2, { freed_tables: true }))
      expect(s.canWalk(0)).toBe(0)
    }
  })
})

describe('a broadcast invalidation', () => {
  it('spares what was cached after it was issued', () => {
    const s = system('arm64')
    const [cpu] = s.machine.cpus
    const m = { get: (c: number) => s.state[c]!, set: (c: number, v: number) => (s.state[c] = v) } as never
    s.set(s.pte(0), 0)
    s.machine.tlb!.issue(m, cpu!, s.mm.context, { start: 0, end: 4, call: 'page', freedTables: false, fullmm: false }, false)
    expect(s.sees(1, 0)).toHaveLength(2)
    s.set(s.pte(0), word(3, DIRTY))
    s.set(s.pte(0), 0)
    s.machine.tlb!.complete(m, cpu!)
    expect(s.sees(1, 0).map((w) => w >> 12)).toEqual([0, 3])
  })
})

describe('changing an entry', () => {
  it('queues the flush in lazy MMU mode on ppc64-hash', () => {
    const s = system('ppc64-hash')
    s.on(0, arch_enter_lazy_mmu_mode)
    s.on(0, () => entry_xchg(s.mm, s.pte(0), 0, 0))
    s.on(0, () => flush_tlb_range(s.mm, 0, 4))
    expect(s.canReach(1)).toBe(0b11)
    s.on(0, arch_leave_lazy_mmu_mode)
    expect(s.canReach(1)).toBe(0)
  })

  it('flushes at once on s390 when the address space is attached elsewhere', () => {
    const s = system('s390')
    s.on(0, () => entry_xchg(s.mm, s.pte(0), 0, 0))
    expect(s.canReach(1)).toBe(0)
  })

  it('is made up for by the next flush on s390 when it is not', () => {
    const s = system('s390', 1)
    s.on(0, () => entry_xchg(s.mm, s.pte(0), 0, 0))
    expect(s.canReach(1)).toBe(0b1)
    s.on(0, () => flush_tlb_range(s.mm, 0, 1))
    expect(s.canReach(1)).toBe(0)
  })
})

describe('a user access', () => {
  it.each(profilesOn().map((p) => [p.name]))('%s: reads and writes the page, or faults', (name) => {
    const s = system(name)
    expect(s.on(0, () => user_load(s.mm, 1))).toBe(102)
    expect(s.on(0, () => user_store(s.mm, 1, 7))).toBe(true)
    expect(s.state[s.pages[2]!]).toBe(7)
    expect(s.on(0, () => user_load(s.mm, 3))).toBeUndefined()
    s.set(s.pte(1), word(2, RO))
    s.on(0, () => flush_tlb_page(s.mm, 1))
    expect(s.on(0, () => user_store(s.mm, 1, 8))).toBe(false)
  })

  it('sets DIRTY in the entry where hardware does, and faults where it does not', () => {
    const x86 = system('x86-native')
    x86.set(x86.pte(0), word(1, RW))
    x86.on(0, () => flush_tlb_page(x86.mm, 0))
    expect(x86.on(0, () => user_store(x86.mm, 0, 7))).toBe(true)
    expect(x86.state[x86.pte(0)]).toBe(word(1, DIRTY))
    const s390 = system('s390')
    s390.set(s390.pte(0), word(1, RW))
    expect(s390.on(0, () => user_store(s390.mm, 0, 7))).toBe(false)
  })
})
