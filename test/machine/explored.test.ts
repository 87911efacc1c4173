import { describe, expect, it } from 'vitest'
import { atomic, load, type Steps, store } from '../../src/engine/model/step.js'
import { check } from '../../src/engine/search/explore.js'
import { entry_xchg } from '../../src/machine/entry.js'
import { flush_tlb_page, flush_tlb_range, tlb_flush } from '../../src/machine/flush.js'
import { smp_call_function_sync } from '../../src/machine/ipi.js'
import { local_irq_disable, local_irq_enable } from '../../src/machine/irq.js'
import type { Announced } from '../../src/machine/profile.js'
import { profilesOn } from '../../src/machine/profiles/index.js'
import { call_rcu, rcu_read_lock, rcu_read_unlock, synchronize_rcu } from '../../src/machine/rcu.js'
import { enter_lazy_tlb, switch_mm } from '../../src/machine/switch-mm.js'
import { user_load, user_store } from '../../src/machine/user.js'
import { DIRTY, RW, system, word } from './system.js'

type System = ReturnType<typeof system>
const names = profilesOn().map((p) => [p.name])

/** The verdict, and the oracles that were violated. */
function verdict(s: System, ...bodies: (() => Steps<unknown>)[]): string {
  const threads = bodies.map((body, i) => ({ name: `CPU${i}`, body, context: s.machine.cpus[i]! }))
  const result = check({ memory: s.memory, threads }, { all: true })
  return result.verdict === 'violated' ? result.found.map((f) => f.violation.oracle).join() : result.verdict
}

const FREED = 999

/** Frees the page at address 0: its content is gone, and no CPU may reach it any more. */
function* free_page(s: System): Steps {
  yield* atomic('free page', (m) => {
    m.set(s.pages[1]!, FREED)
    if (s.machine.tlb?.whoCanReach(m, s.pages[1]!)) m.violate('reach', 'a CPU can still reach the page')
  })
}

function* use(s: System): Steps {
  if ((yield* user_load(s.mm, 0)) === FREED) yield* atomic('read', (m) => m.violate('stale', 'read a freed page'))
}

function* unmap(s: System, flush: boolean): Steps {
  yield* entry_xchg(s.mm, s.pte(0), 0, 0)
  if (flush) yield* flush_tlb_page(s.mm, 0)
  yield* tlb_flush(s.mm, 0, flush ? 1 : 0)
  yield* free_page(s)
}

describe('a page that is freed after a flush', () => {
  it.each(names)('%s: is out of reach', (name) => {
    const s = system(name)
    expect(verdict(s, () => unmap(s, true), () => use(s))).toBe('holds')
  })

  it('is read without one', () => {
    const s = system('arm64')
    expect(verdict(s, () => unmap(s, false), () => use(s))).toBe('reach,stale')
  })
})

const switchRace = (profile: string, announced: Announced = 'first'): string => {
  const s = system(profile)
  s.on(1, () => switch_mm(undefined))
  s.state.forEach((value, cell) => (s.memory.initial[cell] = value))
  return verdict(s, () => unmap(s, true), function* (): Steps {
    yield* switch_mm(s.mm, announced)
    yield* use(s)
  })
}

describe('a context switch beside a flush', () => {
  it.each(names)('%s: leaves no stale translation', (name) => expect(switchRace(name)).toBe('holds'))
  it('does before fea4e317f9e7', () => {
    expect(switchRace('x86-native', 'never')).toContain('stale')
  })
})

describe('a CPU that goes lazy and comes back beside a flush', () => {
  it.each(names)('%s: has no stale translation', (name) => {
    const s = system(name)
    expect(verdict(s, () => unmap(s, true), function* (): Steps {
      yield* enter_lazy_tlb()
      yield* switch_mm(s.mm)
      yield* use(s)
    })).toBe('holds')
  })
})

const tableRace = (name: string, walks: boolean): string => {
  const s = system(name)
  return verdict(s, function* (): Steps {
    yield* store(s.pmd.cells[0]!, 0)
    yield* walks ? tlb_flush(s.mm, 0, 2, { freed_tables: true }) : flush_tlb_page(s.mm, 0)
    yield* atomic('free table', (m) => {
      if (s.machine.tlb!.whoCanWalk(m, s.tables[0]!)) m.violate('reach', 'a walker can still read the table')
    })
  }, () => use(s))
}

describe('a table that is freed', () => {
  const walkers = profilesOn().filter((p) => p.walkCaches && !p.noGather).map((p) => p.name)
  it.each(walkers)('%s: after a flush for it is out of reach', (name) => expect(tableRace(name, true)).toBe('holds'))
  it('is within reach on arm64 after a flush of leaves', () => expect(tableRace('arm64', false)).toBe('reach'))
  it('is out of reach on x86 after a flush of any leaf', () => expect(tableRace('x86-native', false)).toBe('holds'))
})

const walkRace = (name: string, wait: (s: System) => Steps, enter = local_irq_disable, leave = local_irq_enable): string => {
  const s = system(name)
  return verdict(s, function* (): Steps {
    yield* entry_xchg(s.mm, s.pte(0), 0, 0)
    yield* wait(s)
    yield* store(s.pages[1]!, FREED)
  }, function* (): Steps {
    yield* enter()
    const pte = yield* load(s.pte(0))
    const value = pte && (yield* load(s.pages[pte >>> 12]!))
    if (value === FREED) yield* atomic('use', (m) => m.violate('freed', 'used a freed page'))
    yield* leave()
  })
}

describe('a walk with interrupts off', () => {
  const ipi = ['x86-native', 'x86-pae', 'loongarch64', 'sh', 'generic', 'generic-no-special', 'generic-no-fast-gup']
  it.each(names)('%s: is waited for by a flush that sends IPIs only', (name) => {
    expect(walkRace(name, (s) => flush_tlb_range(s.mm, 0, 1))).toBe(ipi.includes(name) ? 'holds' : 'freed')
  })
  it.each(names)('%s: is waited for by smp_call_function', (name) => {
    expect(walkRace(name, smp_call_function_sync)).toBe('holds')
    expect(walkRace(name, smp_call_function_sync, rcu_read_lock, rcu_read_unlock)).toBe('freed')
  })
  it('is waited for by RCU, as rcu_read_lock() is', () => {
    expect(walkRace('arm64', synchronize_rcu)).toBe('holds')
    expect(walkRace('arm64', synchronize_rcu, rcu_read_lock, rcu_read_unlock)).toBe('holds')
  })
})

it('a callback runs as early as it may', () => {
  const s = system('arm64')
  const freed = s.memory.cell('freed')
  const head = s.machine.rcu.head('table', (m) => m.set(freed, 1))
  const reader = (late: boolean) => function* (): Steps {
    yield* rcu_read_lock()
    const entry = yield* load(s.pte(0))
    if (!late) yield* rcu_read_unlock()
    if (entry && (yield* load(freed))) yield* atomic('use', (m) => m.violate('freed', 'used what was freed'))
    if (late) yield* rcu_read_unlock()
  }
  function* writer(): Steps {
    yield* store(s.pte(0), 0)
    yield* call_rcu(head)
  }
  expect(verdict(s, writer, reader(true))).toBe('holds')
  expect(verdict(s, writer, reader(false))).toBe('freed')
})

it('a store through a clean stale entry never goes unnoticed in the tables', () => {
  const s = system('x86-native')
  s.memory.initial[s.pte(0)] = word(1, RW)
  const lost = (dirty: number): string => {
    s.memory.initial[s.pte(0)] = word(1, dirty)
    return verdict(s, function* (): Steps {
      const old = yield* entry_xchg(s.mm, s.pte(0), 0, 0)
      const clean = !(old & 0x40) && (yield* load(s.pages[1]!)) === 7
      if (clean) yield* atomic('lost', (m) => m.violate('dirty', 'a store without DIRTY'))
    }, () => user_store(s.mm, 0, 7))
  }
  expect(lost(RW)).toBe('holds')
  expect(lost(DIRTY)).toBe('holds')
})
