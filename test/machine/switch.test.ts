import { describe, expect, it } from 'vitest'
import { entry_xchg } from '../../src/machine/entry.js'
import { flush_tlb_page, flush_tlb_range, tlb_flush } from '../../src/machine/flush.js'
import { local_irq_disable } from '../../src/machine/irq.js'
import { profilesOn } from '../../src/machine/profiles/index.js'
import { enter_lazy_tlb, switch_mm } from '../../src/machine/switch-mm.js'
import { DIRTY, system, word } from './system.js'

const stale = (s: ReturnType<typeof system>, cpu: number): number => s.sees(cpu, 0).length - 1

describe('a lazy CPU on x86', () => {
  it('is not told of a flush, and flushes when it comes back', () => {
    const s = system('x86-native')
    s.on(1, enter_lazy_tlb)
    s.set(s.pte(0), 0)
    s.on(1, local_irq_disable)
    s.on(0, () => flush_tlb_page(s.mm, 0))
    expect(stale(s, 1)).toBe(1)
    expect(s.canReach(1)).toBe(0)
    s.on(1, () => switch_mm(s.mm))
    expect(stale(s, 1)).toBe(0)
    expect(s.canReach(1)).toBe(0)
  })

  it('gives the address space back when tables were freed', () => {
    const s = system('x86-native')
    s.on(1, enter_lazy_tlb)
    s.set(s.pmd.cells[0]!, 0)
    expect(s.canWalk(0)).toBe(0b11)
    s.on(0, () => tlb_flush(s.mm, 0, 2, { freed_tables: true }))
    expect(s.canWalk(0)).toBe(0)
    expect(s.state[s.mm.context.cpumask]).toBe(0b01)
  })
})

describe('a context switch', () => {
  it.each(profilesOn().map((p) => [p.name]))('%s: does not bring back what was flushed meanwhile', (name) => {
    const s = system(name)
    s.on(1, () => switch_mm(s.other))
    s.on(0, () => entry_xchg(s.mm, s.pte(0), 0, 0))
    s.on(0, () => flush_tlb_range(s.mm, 0, 4))
    s.on(1, () => switch_mm(s.mm))
    expect(stale(s, 1)).toBe(0)
  })

  it('keeps translations that nobody flushed', () => {
    const s = system('x86-native')
    s.on(1, () => switch_mm(undefined))
    s.set(s.pte(0), word(3, DIRTY))
    s.on(1, () => switch_mm(s.mm))
    expect(stale(s, 1)).toBe(1)
  })
})

describe('a batch of unmaps', () => {
  it('is made good by one flush, also of a CPU that left the address space since', () => {
    const s = system('x86-native', 3)
    const { batchedUnmapFlush } = s.machine.profile
    s.set(s.pte(0), 0)
    s.on(0, () => batchedUnmapFlush!.arch_tlbbatch_add_mm(s.mm.context, 0))
    s.on(2, () => switch_mm(undefined))
    expect(s.canReach(1)).toBe(0b011)
    s.on(0, () => batchedUnmapFlush!.arch_tlbbatch_flush())
    expect(s.canReach(1)).toBe(0)
    s.on(2, () => switch_mm(s.mm))
    expect(s.canReach(1)).toBe(0)
  })
})

describe('the flush generation', () => {
  it('leaves no trace of flushes that everyone has seen', () => {
    const s = system('x86-native')
    const fresh = s.state.slice()
    for (let i = 0; i < 20; i++) s.on(0, () => flush_tlb_page(s.mm, 0))
    expect(s.state).toEqual(fresh)
  })
})
