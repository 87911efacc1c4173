import { describe, expect, it } from 'vitest'
import { entry_xchg, pmdp_collapse_flush } from '../../src/machine/entry.js'
import { hash_entry_xchg } from '../../src/machine/flush/hash-flush.js'
import { ipi_flush } from '../../src/machine/flush/ipi-flush.js'
import { sfence_flush } from '../../src/machine/flush/sfence-flush.js'
import { flush_tlb_page, flush_tlb_range, tlb_flush } from '../../src/machine/flush.js'
import { onKernel } from '../../src/machine/kernels.js'
import type { Profile } from '../../src/machine/profile.js'
import { riscv64 } from '../../src/machine/profiles/riscv64.js'
import { broadcast_tlb_flush } from '../../src/machine/x86/invlpgb.js'
import { local_irq_disable } from '../../src/machine/irq.js'
import { user_load, user_store } from '../../src/machine/user.js'
import { RW, system, word } from './system.js'

type Machine = ReturnType<typeof system>

interface Rule {
  readonly rule: string
  /** The public statement that it is from. */
  readonly source: string
  readonly profile: string
  /** Where the profile as it was before is not what the rule is about. */
  readonly on?: Partial<Profile>
  /** What is seen, and what another machine shows. */
  readonly see: (s: Machine) => unknown
  readonly is: unknown
  readonly mutation: Partial<Profile>
  readonly mutated: unknown
}

const SDM = 'Intel SDM volume 3A, chapter 4, "Caching Translation Information"'
const APM = 'AMD64 Architecture Programmer\'s Manual volume 3, INVLPGB and TLBSYNC'
const POWER = 'Power ISA 3.0B book III, chapter 5, "Translation Lookaside Buffer Management" and tlbie'
const RISCV = 'RISC-V privileged specification, "Supervisor Memory-Management Fence Instruction"'
const SVVPTC = 'RISC-V privileged specification, "Svvptc" and "Memory-Management Fence Instruction"'
const ZARCH = 'z/Architecture Principles of Operation, INVALIDATE PAGE TABLE ENTRY and INVALIDATE DAT TABLE ENTRY'

const riscv = onKernel<Profile>(riscv64, '7.3')
/** Whether CPU B may still walk the table that CPU A has unlinked, after a flush of one address below. */
const walksAfterPageFlush = (s: Machine): boolean => {
  s.set(s.pmd.cells[0]!, 0)
  s.on(0, () => flush_tlb_page(s.mm, 0))
  return (s.canWalk(0) & 0b10) !== 0
}
const reachesAfter = (s: Machine, flush: () => ReturnType<typeof flush_tlb_page>): boolean => {
  s.set(s.pte(0), 0)
  s.on(0, flush)
  return (s.canReach(1) & 0b10) !== 0
}
/** Whether a flush comes back while CPU B has interrupts off. */
const waitsForIrqs = (s: Machine): boolean => {
  s.on(1, local_irq_disable)
  try {
    s.on(0, () => flush_tlb_range(s.mm, 0, 2))
    return false
  } catch {
    return true
  }
}

const rules: readonly Rule[] = [
  {
    rule: 'INVLPG of a linear address drops the paging-structure caches too, whatever they are for', source: SDM, profile: 'x86-native',
    see: walksAfterPageFlush, is: false, mutation: { leafFlushDropsWalks: false, flush: riscv.flush }, mutated: true,
  },
  {
    rule: 'a paging-structure cache may be used after the entry that it is of has been changed, until it is invalidated', source: SDM, profile: 'x86-native',
    see: (s) => {
      s.set(s.pmd.cells[0]!, 0)
      return s.canWalk(0)
    }, is: 0b11, mutation: { walkCaches: false }, mutated: 0,
  },
  {
    rule: 'no translation is cached of an entry whose accessed flag is clear, as the walk sets it first', source: SDM, profile: 'x86-native',
    see: (s) => {
      s.set(s.pte(0), word(1, RW & ~0x20))
      s.on(1, () => user_load(s.mm, 0))
      return s.state[s.pte(0)]! & 0x20
    }, is: 0x20, mutation: { hardwareAccessed: false }, mutated: 0,
  },
  {
    rule: 'the dirty flag is set in the entry in memory before a write through it', source: SDM, profile: 'x86-native',
    see: (s) => {
      s.set(s.pte(0), word(1, RW))
      return [s.on(1, () => user_store(s.mm, 0, 7)), s.state[s.pte(0)]! & 0x40]
    }, is: [true, 0x40], mutation: { hardwareDirty: false }, mutated: [false, 0],
  },
  {
    rule: 'INVLPGB reaches processors that take no interrupts, and TLBSYNC waits for none of them', source: APM, profile: 'x86-native',
    on: { flush: broadcast_tlb_flush }, see: waitsForIrqs, is: false, mutation: { flush: ipi_flush }, mutated: true,
  },
  {
    rule: 'INVLPGB that does not ask for the final level drops the upper levels of its address', source: APM, profile: 'x86-native',
    on: { flush: broadcast_tlb_flush }, see: (s) => {
      s.set(s.pmd.cells[0]!, 0)
      s.on(0, () => flush_tlb_page(s.mm, 0))
      return s.sees(1, 0).length
    }, is: 1, mutation: { flush: sfence_flush, leafFlushDropsWalks: false }, mutated: 2,
  },
  {
    rule: 'tlbie of an address (RIC=0) leaves the page-walk cache alone, RIC=2 drops it', source: POWER, profile: 'ppc64-radix',
    see: (s) => {
      s.set(s.pmd.cells[0]!, 0)
      s.on(0, () => tlb_flush(s.mm, 0, 2))
      const left = s.canWalk(0)
      s.on(0, () => tlb_flush(s.mm, 0, 2, { freed_tables: true }))
      return [left, s.canWalk(0)]
    }, is: [0b11, 0], mutation: { walkCaches: false }, mutated: [0, 0],
  },
  {
    rule: 'tlbie is broadcast, and complete with the ptesync after it', source: POWER, profile: 'ppc64-radix',
    see: waitsForIrqs, is: false, mutation: { flush: ipi_flush }, mutated: true,
  },
  {
    rule: 'a hashed translation is there for every thread until its entry is removed, which changes to the Linux entry queue in lazy mode', source: POWER, profile: 'ppc64-hash',
    see: (s) => {
      s.on(0, () => entry_xchg(s.mm, s.pte(0), 0, 0))
      return s.canReach(1)
    }, is: 0, mutation: { entry_xchg: function* (mm, entry, va, value, pages) {
      return yield* onKernel<Profile>(riscv64, '6.1').entry_xchg(mm, entry, va, value, pages)
    } }, mutated: 0b11,
  },
  {
    rule: 'SFENCE.VMA with an address orders leaf entries only', source: RISCV, profile: 'arm64',
    on: riscv, see: walksAfterPageFlush, is: true, mutation: { leafFlushDropsWalks: true, flush: ipi_flush }, mutated: false,
  },
  {
    rule: 'SFENCE.VMA without an address orders all levels: a collapse asks for that', source: RISCV, profile: 'arm64',
    on: riscv, see: (s) => {
      s.on(0, () => pmdp_collapse_flush(s.mm, s.pmd.cells[0]!, 0, 2))
      return s.canWalk(0)
    }, is: 0, mutation: { pmdp_collapse_flush: onKernel<Profile>(riscv64, '6.1').pmdp_collapse_flush }, mutated: 0b11,
  },
  {
    rule: 'a hart executes the fence that another asks its firmware for with interrupts off too', source: RISCV, profile: 'arm64',
    on: riscv, see: waitsForIrqs, is: false, mutation: { flush: ipi_flush }, mutated: true,
  },
  {
    rule: 'without a fence an entry that became valid may be missed, and one that became invalid used: here the latter', source: SVVPTC, profile: 'arm64',
    on: riscv, see: (s) => reachesAfter(s, () => flush_tlb_range(s.mm, 2, 4)), is: true, mutation: { flush: function* (mm, range) {
      yield* ipi_flush(mm, { ...range, start: 0 })
    } }, mutated: false,
  },
  {
    rule: 'IPTE sets the invalid bit and drops the entry from the TLBs of all CPUs of the configuration in one go', source: ZARCH, profile: 's390',
    see: (s) => {
      s.on(0, () => entry_xchg(s.mm, s.pte(0), 0, 0))
      return s.canReach(1)
    }, is: 0, mutation: { entry_xchg: onKernel<Profile>(riscv64, '6.1').entry_xchg }, mutated: 0b11,
  },
  {
    rule: 'IDTE of a segment-table entry drops what was formed through it', source: ZARCH, profile: 's390',
    see: (s) => {
      s.on(0, () => pmdp_collapse_flush(s.mm, s.pmd.cells[0]!, 0, 2))
      return [s.canWalk(0), s.canReach(1)]
    }, is: [0, 0], mutation: { pmdp_collapse_flush: function* (_mm, pmdp) {
      return yield* hash_entry_xchg(_mm, pmdp, 8, 0, 1)
    } }, mutated: [0b11, 0b11],
  },
]

describe.each(rules)('$rule ($source)', ({ profile, on = {}, see, is, mutation, mutated }) => {
  it('holds', () => expect(see(system(profile, 2, on))).toEqual(is))
  it('a machine that does otherwise is noticed', () => expect(see(system(profile, 2, { ...on, ...mutation }))).toEqual(mutated))
})
