import { expect, it } from 'vitest'
import { store, type Steps } from '../../src/engine/model/step.js'
import { check } from '../../src/engine/search/explore.js'
import type { Kernel } from '../../src/kernel/kernel.js'
import { entry_xchg } from '../../src/machine/entry.js'
import { flush_tlb_page } from '../../src/machine/flush.js'
import { BBM } from '../../src/oracles/BBM-break-before-make.js'
import { DIRTY, RO, system, word } from '../machine/system.js'

/** Page 1 is mapped at address 0, for writing; page 3 takes its place. */
function verdict(profile: string, steps: { flush: boolean; bits: number }): string {
  const s = system(profile)
  BBM.install({ machine: s.machine } as Kernel)
  function* remap(): Steps {
    yield* entry_xchg(s.mm, s.pte(0), 0, 0)
    if (steps.flush) yield* flush_tlb_page(s.mm, 0)
    yield* store(s.pte(0), word(3, steps.bits))
  }
  const result = check({ memory: s.memory, threads: [{ name: 'A', body: remap, context: s.machine.cpus[0]! }] })
  return result.verdict === 'violated' ? result.found[0].violation.oracle : result.verdict
}

it.each([
  ['arm64', false, DIRTY, 'BBM'],
  ['arm64', false, RO, 'BBM'],
  ['arm64', true, DIRTY, 'holds'],
  ['x86-native', false, DIRTY, 'holds'],
])('%s, flush: %s', (profile, flush, bits, expected) => expect(verdict(profile, { flush, bits })).toBe(expected))
