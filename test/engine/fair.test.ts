import { describe, expect, it } from 'vitest'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { acquire, check, choose, cmpxchg, type ExploreOptions, fence, type Found, load, Memory, type Program, replay, type Steps, store, until, xchg } from '../../src/engine/index.js'

const memory = new Memory()
const [x, y, lock] = [memory.cell('x'), memory.cell('y'), memory.cell('lock')]
const program = (bodies: Record<string, () => Steps<unknown>>, endless: readonly string[] = []): Program => ({
  memory, threads: Object.entries(bodies).map(([name, body]) => ({ name, body, endless: endless.includes(name) })),
})
const OPTIONS: ExploreOptions[] = [{}, { reduce: false }, { all: true }, { exact: true }, { strategy: 'shortest' }]

/** Takes one flag, tries the other, and begins again when it has it not. */
const polite = (mine: typeof x, other: typeof x) => function* (): Steps {
  for (;;) {
    yield* store(mine, 1)
    if ((yield* load(other)) === 0) break
    yield* store(mine, 0)
  }
  yield* store(mine, 0)
}

describe('threads that keep each other going', () => {
  const politeness = program({ A: polite(x, y), B: polite(y, x) })
  it.each(OPTIONS)('are noted, and a violation if one asks (%j)', (options) => {
    const result = check(politeness, options)
    expect(result.verdict).toBe('holds')
    const fair = result.verdict === 'holds' && result.fair
    expect(fair).toMatchObject({ violation: { oracle: 'fair cycle', message: 'A and B can keep each other going for ever, however fairly they take turns' } })
    const { schedule, loop } = fair as Found & { loop: number }
    expect(new Set(schedule.slice(-loop).map(({ thread }) => thread))).toEqual(new Set([0, 1]))
    const run = replay(new Loaded(politeness), schedule)
    expect(run.cells.at(-1)).toEqual(run.cells.at(-1 - loop))
    expect(check(politeness, { ...options, fair: true })).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'fair cycle' } }] })
  })
  const [a, b] = [polite(x, y), polite(y, x)]
  function* first(): Steps { yield* a(); yield* store(lock, 1) }
  it('so are those that a third one waits for', () => {
    const third = program({ A: polite(x, y), B: polite(y, x), C: function* () { yield* until(lock, (v) => v !== 0) }, D: function* () { yield* store(lock, 1) } })
    expect(check(third)).toMatchObject({ verdict: 'holds', fair: {} })
    const waiting = program({ A: first, B: b, C: function* () { yield* until(lock, (v) => v !== 0) } })
    expect(check(waiting)).toMatchObject({ verdict: 'holds', fair: {} })
  })
})

describe('waiting is no fault', () => {
  it.each<[string, Program]>([
    ['for a lock', program({
      A: function* () { while ((yield* xchg(lock, 1)) === 1) yield* fence(); yield* store(lock, 0) },
      B: function* () { while ((yield* cmpxchg(lock, 0, 1)) !== 0) yield* fence(); yield* store(lock, 0) },
    })],
    ['for a flag', program({ A: function* () { while ((yield* load(x)) === 0) yield* fence() }, B: function* () { yield* store(x, 1) } })],
  ])('%s', (_name, of) => {
    const result = check(of, { fair: true })
    expect(result).toMatchObject({ verdict: 'holds' })
    expect(result).not.toHaveProperty('fair')
  })
})

describe('threads that need not end', () => {
  function* server(): Steps { for (;;) { yield* acquire(x, 1, 0); yield* store(y, 1) } }
  function* client(): Steps { yield* store(x, 1); yield* until(y, (v) => v === 1) }
  it.each(OPTIONS)('may wait for ever once others have ended (%j)', (options) => {
    expect(check(program({ server, client }, ['server']), options)).toMatchObject({ verdict: 'holds' })
    expect(check(program({ server, client }), options)).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'deadlock' } }] })
  })
  it('are looked at when they rest', () => {
    const seen = { ...program({ server, client }, ['server']), atEnd: (m: { get(of: typeof x): number; reach(name: string): void }) => m.reach(`y is ${m.get(y)}`) }
    expect(check(seen).stats.reached).toEqual(['y is 1'])
  })
  function* busy(): Steps { for (;;) { yield* load(x); yield* store(y, 0) } }
  it.each(OPTIONS)('may go round for ever (%j)', (options) => {
    const result = check(program({ A: busy, B: busy }, ['A', 'B']), options)
    expect(result).toMatchObject({ verdict: 'holds' })
    expect(result).not.toHaveProperty('fair')
  })
  it.each(OPTIONS)('do not keep others from being looked at (%j)', (options) => {
    const result = check(program({ A: busy, B: function* () { yield* store(lock, 1); yield* choose(2); if ((yield* load(lock)) !== 1) yield* fence() } }, ['A']), { ...options, fair: true })
    expect(result.verdict).toBe('holds')
    const bad: Program = { memory, threads: [
      { name: 'A', endless: true, body: function* () { for (;;) yield* fence() } },
      { name: 'B', body: function* () { yield* store(lock, 1); yield* store(lock, 2) } },
    ] }
    memory.watch(lock, (m, _, __, after) => { if (after === 2) m.violate('bad', 'two') })
    expect(check(bad, options)).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'bad' } }] })
  })
  it.each(OPTIONS)('are in a deadlock where all wait (%j)', (options) => {
    function* one(): Steps { for (;;) { yield* acquire(x, 0, 1); yield* acquire(y, 0, 1); yield* store(y, 0); yield* store(x, 0) } }
    function* other(): Steps { for (;;) { yield* acquire(y, 0, 1); yield* acquire(x, 0, 1); yield* store(y, 0); yield* store(x, 0) } }
    expect(check(program({ one, other }, ['one', 'other']), options)).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'deadlock' } }] })
  })
})
