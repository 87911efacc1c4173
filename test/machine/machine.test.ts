import { describe, expect, it } from 'vitest'
import { Memory } from '../../src/engine/model/memory.js'
import { Sequential, StuckError } from '../../src/engine/model/sequential.js'
import type { Steps } from '../../src/engine/model/step.js'
import type { Cpu } from '../../src/machine/cpu.js'
import { flush_tlb_range } from '../../src/machine/flush.js'
import { smp_call_function_sync } from '../../src/machine/ipi.js'
import { local_irq_disable, local_irq_enable, local_irq_restore, local_irq_save } from '../../src/machine/irq.js'
import { Machine } from '../../src/machine/machine.js'
import { profileByName, profilesOn } from '../../src/machine/profiles/index.js'
import { call_rcu, rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../../src/machine/rcu.js'
import { entry_xchg, pmdp_collapse_flush } from '../../src/machine/entry.js'

function system(profile: string, cpus = 2) {
  const memory = new Memory()
  const machine = new Machine(memory, profileByName(profile)!, { cpus })
  const mm = { context: machine.context('mm') }
  for (const cpu of machine.cpus) machine.startOn(cpu, mm.context)
  const entry = memory.cell('pte', 0x3003)
  const freed = memory.cell('freed')
  const head = machine.rcu.head('table', (m) => m.set(freed, 1))
  const state = Int32Array.from(memory.initial)
  const on = (cpu: number, code: () => Steps<unknown>): unknown =>
    new Sequential(memory, machine.cpus[cpu] satisfies Cpu | undefined, state).run(code())
  return { machine, mm, entry, freed, head, state, on }
}

describe('interrupts', () => {
  it('hold up an IPI that somebody waits for', () => {
    const { on } = system('x86-native')
    on(1, local_irq_disable)
    expect(() => on(0, smp_call_function_sync)).toThrow(StuckError)
    on(1, local_irq_enable)
    on(0, smp_call_function_sync)
  })

  it('are restored to what they were', () => {
    const { on, machine, state } = system('x86-native')
    on(0, local_irq_disable)
    expect(on(0, local_irq_save)).toBe(1)
    on(0, () => local_irq_restore(1))
    expect(state[machine.cpus[0]!.irqs_off]).toBe(1)
  })
})

describe('RCU', () => {
  it.each([[rcu_read_lock, rcu_read_unlock], [local_irq_disable, local_irq_enable]])('%o holds up a callback', (enter, leave) => {
    const { on, state, freed, head } = system('arm64')
    on(1, enter)
    on(0, () => call_rcu(head))
    expect(state[freed]).toBe(0)
    on(1, leave)
    expect(state[freed]).toBe(1)
  })

  it('does not wait for a section that began later', () => {
    const { on, state, freed, head } = system('arm64', 3)
    on(1, rcu_read_lock)
    on(0, () => call_rcu(head))
    on(2, rcu_read_lock)
    on(1, rcu_read_unlock)
    expect(state[freed]).toBe(1)
  })

  it('runs a callback at once when nobody reads', () => {
    const { on, state, freed, head } = system('arm64')
    on(0, () => call_rcu(head))
    expect(state[freed]).toBe(1)
    on(0, synchronize_rcu)
  })

  it('is not held up by rcu_read_lock() in an IPI', () => {
    const { on } = system('arm64')
    on(1, rcu_read_lock)
    on(0, smp_call_function_sync)
    expect(() => on(0, synchronize_rcu)).toThrow(StuckError)
  })
})

describe('profiles', () => {
  it('have names of their own', () => {
    expect(new Set(profilesOn().map((p) => p.name)).size).toBe(profilesOn().length)
  })

  it('differ in more than the label', () => {
    const facts = profilesOn().map((p) => Object.values({ ...p, name: '', title: '' }).map(String).join('|'))
    expect(new Set(facts).size).toBe(profilesOn().length)
  })

  it.each(profilesOn().map((p) => [p.name]))('%s: whether a flush waits for interrupts-off sections', (name) => {
    const waits = (flush: (s: ReturnType<typeof system>) => Steps<unknown>): boolean => {
      const s = system(name)
      s.on(1, local_irq_disable)
      try {
        s.on(0, () => flush(s))
        return false
      } catch (error) {
        if (error instanceof StuckError) return true
        throw error
      }
    }
    const ipi = ['x86-native', 'x86-pae', 'loongarch64', 'sh', 'generic', 'generic-no-special', 'generic-no-fast-gup'].includes(name)
    expect(waits((s) => flush_tlb_range(s.mm, 0, 4))).toBe(ipi)
    expect(waits((s) => pmdp_collapse_flush(s.mm, s.entry, 0, 4))).toBe(ipi || name === 'ppc64-hash')
  })

  it.each(profilesOn().map((p) => [p.name]))('%s: an exchange returns the old entry', (name) => {
    const { on, mm, entry, state } = system(name)
    expect(on(0, () => entry_xchg(mm, entry, 0, 0))).toBe(0x3003)
    expect(state[entry]).toBe(0)
  })
})
