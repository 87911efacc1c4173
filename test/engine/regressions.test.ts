import { describe, expect, it, vi } from 'vitest'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { Memory } from '../../src/engine/model/memory.js'
import { acquire, atomic, Blocked, choose, fence, load, store, type Steps } from '../../src/engine/model/step.js'
import type { Program } from '../../src/engine/program.js'
import { check, type ExploreOptions } from '../../src/engine/search/explore.js'
import { exhaustive } from '../../src/engine/search/exhaustive.js'
import { replay } from '../../src/engine/search/replay.js'

const program = (memory: Memory, bodies: Record<string, () => Steps<unknown>>, symmetry?: string): Program => ({
  memory,
  threads: Object.entries(bodies).map(([name, body]) => ({ name, body, ...(symmetry && { symmetry }) })),
})

const verdict = (of: Program, options: ExploreOptions = {}): string => check(of, options).verdict

describe('a step that has to wait', () => {
  const memory = new Memory()
  const x = memory.cell('x')
  const waiting = program(memory, {
    * waits() {
      yield* atomic('wait', (m) => {
        if (m.get(x) === 1) return
        m.violate('too-early', 'seen before it was there')
        m.reach('too early')
        return new Blocked('not there')
      })
    },
    * sets() { yield* store(x, 1) },
  })
  it.each([true, false])('violates and reaches nothing (reduce: %s)', (reduce) => {
    const result = check(waiting, { reduce, all: true })
    expect(result).toMatchObject({ verdict: 'holds', stats: { reached: [] } })
  })
})

describe('a bound on depth', () => {
  const memory = new Memory()
  const x = memory.cell('x')
  const four: Program = {
    ...program(memory, { * one() { yield* store(x, 1); yield* store(x, 2) }, * two() { yield* load(x); yield* load(x) } }),
    atEnd: (m) => m.violate('end', 'there is an end'),
  }
  for (const strategy of ['exhaustive', 'shortest', 'fewest-preemptions', 'random', 'pct'] as const) {
    it(`of the run's length lets it be found by ${strategy}`, () => expect(verdict(four, { strategy, depth: 4 })).toBe('violated'))
    it(`one less does not (${strategy})`, () => expect(verdict(four, { strategy, depth: 3 })).toBe('not-found'))
  }
})

describe('conditions reached', () => {
  it('count in the step that violates', () => {
    const reaching = program(new Memory(), {
      * only() { yield* atomic('both', (m) => { m.reach('here'); m.violate('bad', 'it is') }) },
    })
    for (const reduce of [true, false]) expect(check(reaching, { reduce }).stats.reached).toEqual(['here'])
  })
})

describe('an endless loop', () => {
  const memory = new Memory()
  const x = memory.cell('x')
  const endless = program(memory, {
    * round() { for (;;) if ((yield* load(x)) === 1) return },
    * bad() { yield* atomic('bad', (m) => m.violate('bad', 'always')) },
  })
  it('is found beside other violations', () => {
    const result = check(endless, { all: true })
    expect(result.verdict === 'violated' && result.found.map((f) => f.violation.oracle)).toEqual(['bad', 'livelock'])
  })
  it('is found by best-first search', () => {
    const alone = { ...endless, threads: endless.threads.slice(0, 1) }
    expect(check(alone, { strategy: 'shortest' })).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'livelock' } }] })
  })
})

describe('fewest preemptions', () => {
  it('counts the violating step itself', () => {
    const memory = new Memory()
    const x = memory.cell('x')
    const steps = program(memory, {
      * one() { yield* fence(); yield* choose(2); yield* store(x, 1) },
      * two() { yield* load(x); yield* atomic('bad', (m) => { if (m.get(x) === 0) m.violate('bad', 'still 0') }) },
    })
    const result = check(steps, { strategy: 'fewest-preemptions' })
    expect(result.verdict === 'violated' && result.found[0].schedule.map((c) => c.thread)).toEqual([1, 1])
  })
})

describe('interchangeable threads', () => {
  const memory = new Memory()
  const lock = memory.cell('lock')
  function* body(): Steps { yield* choose(2); yield* acquire(lock, 0, 1) }
  const three = program(memory, { a: body, b: body, c: body }, 'same')
  it('give a run that can be replayed', () => {
    for (const reduce of [true, false, { sleep: false }, { persistent: false }]) {
      const result = check(three, { reduce })
      if (result.verdict !== 'violated') throw new Error(result.verdict)
      const { violation, schedule } = result.found[0]
      expect(replay(new Loaded(three), schedule).violation).toEqual(violation)
    }
  })
  it('have fewer states', () => {
    expect(check(three, { reduce: { persistent: false, sleep: false }, all: true }).stats.states)
      .toBeLessThan(check(three, { reduce: false, all: true }).stats.states)
  })
})

describe('exact states', () => {
  it('tell when two states have the same fingerprint', () => {
    const memory = new Memory()
    const [x, y] = [memory.cell('x'), memory.cell('y')]
    const loaded = new Loaded(program(memory, {
      * one() { if ((yield* choose(2)) === 0) yield* store(x, 1); else yield* store(y, 1) },
    }))
    const treatAlike = loaded.treatAlike.bind(loaded)
    vi.spyOn(loaded, 'treatAlike').mockImplementation((alike) => {
      treatAlike(alike)
      for (const cell of [x, y]) loaded.core.setKey(cell, 0, 1)
      loaded.restart()
    })
    expect(exhaustive(loaded, { reduce: false, exact: true }).next().value).toMatchObject({ verdict: 'inconclusive' })
    expect(exhaustive(loaded, { reduce: false }).next().value).toMatchObject({ verdict: 'holds' })
  })
})
