import { array, assert, boolean, nat, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as runtime from '../../src/engine/model/at.js'
import { atomic, type Cell, check, fetchAdd, fn, load, Memory, type Program, Sequence, type Steps, store } from '../../src/engine/index.js'
import { instrument } from '../../src/instrument/instrument.js'
import { oraclesOf, reachedIn } from './answers.js'
import { reference } from './reference.js'

describe('a sequence number', () => {
  const memory = new Memory()
  const seq = new Sequence(memory, 'seq')
  const [page, busy] = [memory.cell('page', 1), memory.cell('busy')]
  function* refresh(): Steps {
    for (;;) {
      const before = yield* seq.read()
      const found = yield* load(page)
      yield* seq.count({ label: 'the refresh invalidates itself' })
      if ((yield* seq.read()) === before) return
      yield* store(busy, found)
    }
  }
  it('makes finitely many states: a refresh that invalidates itself has no end', () => {
    expect(check({ memory, threads: [{ name: 'refresh', body: refresh }] })).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'livelock' } }] })
  })
  function* invalidate(): Steps { for (;;) { yield* store(page, 0); yield* seq.count(); yield* store(page, 1); yield* seq.count() } }
  function* use(): Steps {
    for (;;) {
      const before = yield* seq.read()
      const found = yield* load(page)
      if ((yield* seq.read()) !== before) continue
      yield* store(busy, found)
      if (found === 1 && (yield* seq.read()) === before) yield* atomic('use', (m) => m.reach('used'))
      return
    }
  }
  it('which nobody else reads counts for ever', () => {
    const result = check({ memory, threads: [{ name: 'A', body: invalidate, endless: true }, { name: 'B', body: use }] }, { all: true })
    expect(result).toMatchObject({ verdict: 'holds', stats: { reached: ['used'] }, fair: { violation: { oracle: 'fair cycle' } } })
    expect(result.stats.states).toBeLessThan(2000)
  })
  it('of a seqcount is odd while its writer is at it', () => {
    const memory = new Memory()
    const [seq, odd] = [new Sequence(memory, 'seqcount'), memory.cell('odd')]
    function* write(): Steps {
      for (;;) {
        yield* seq.turn({ label: 'begin' })
        yield* store(odd, 1)
        yield* store(odd, 0)
        yield* seq.turn({ label: 'end' })
      }
    }
    function* look(): Steps {
      const before = yield* seq.read()
      const found = yield* load(odd)
      if (!(before & 1) && (yield* seq.read()) === before && found) yield* atomic('torn', (m) => m.violate('seqcount', 'torn'))
    }
    const result = check({ memory, threads: [{ name: 'A', body: write, endless: true }, { name: 'B', body: look }] }, { all: true })
    expect(result).toMatchObject({ verdict: 'holds' })
  })
  it('is kept in cells made for it only', () => {
    expect(() => check({ memory, threads: [{ name: 'A', body: function* () { yield* seq.count(); yield* store(busy, yield* seq.read()) } }] }))
      .toThrow('it keeps a sequence number in busy, which is not made for it')
  })
  it('is not kept without bound', () => {
    expect(() => check({ memory, threads: [{ name: 'A', body: function* () { const all: number[] = []; for (;;) { all.push(yield* seq.read()); yield* seq.count() } } }] }))
      .toThrow('numbers of seq are remembered at once')
  })
})

/** Random threads that read, count up, keep and compare; the same with a plain counter. */
function programs(tape: readonly number[], instrumented: boolean): [Program, Program] {
  let at = 0
  const number = (below: number): number => (tape[at++] ?? 0) % below
  const variable = (): string => `v${number(2)}`
  const statement = (depth: number): string => [
    () => `${variable()} = yield* read()`, () => 'yield* count()', () => `yield* keep(${variable()})`, () => `${variable()} = yield* kept()`, () => `v0 = yield* twice(${variable()})`,
    () => 'v0 = v1', () => `yield* tell(${number(3)}, v0 === v1)`,
    () => (depth > 1 ? 'yield* count()' : `if (v0 ${['===', '!=='][number(2)]} v1) { ${statement(depth + 1)} } else { ${statement(depth + 1)} }`),
  ][number(8)]!()
  const threads = Array.from({ length: 2 + number(2) }, () => Array.from({ length: 2 + number(4) }, () => statement(0)).join('; '))
  const end = (name: string, text: string): string => (instrumented ? `function* ${name}${text}` : `const ${name} = fn(function* ${name}${text})`)
  const source = `${end('twice', '(v) { const w = yield* read(); yield* tell(9, v === w); return w }')}
    ${threads.map((text, i) => end(`t${i}`, `() { let v0 = 0, v1 = 0; ${text}; yield* tell(${i}, v0 === v1) }`)).join('\n')}`
  const code = instrumented ? instrument(source, { filename: '/sequence.js', typescript: false, runtime: 'runtime' }).code : source
  const local = code.replace(/^import \{(.*)\} from "runtime";/, (_, names: string) => `const {${names.replaceAll(' as ', ': ')}} = runtime;`)
  const of = (memory: Memory, read: () => unknown, count: () => unknown, cell: Cell): Program => {
    const library = {
      fn, runtime, read, count,
      keep: (v: number) => store(cell, v), kept: () => load(cell),
      tell: (what: number, same: boolean) => atomic(`tell ${what}`, (m) => { if (same && what === 2) m.violate('same', 'same'); m.reach(`${what} ${same}`) }),
    }
    const bodies = new Function(...Object.keys(library), `'use strict'; ${local}; return [${threads.map((_, i) => `t${i}`).join()}]`)(...Object.values(library)) as (() => Steps<unknown>)[]
    return { memory, threads: bodies.map((body, i) => ({ name: `t${i}`, body })) }
  }
  const [memory, plain] = [new Memory(), new Memory()]
  const seq = new Sequence(memory, 'seq')
  const counter = plain.cell('seq')
  return [
    of(memory, () => seq.read(), () => seq.count(), memory.cell('kept', 0, { keeps: true })),
    of(plain, () => load(counter), () => fetchAdd(counter, 1), plain.cell('kept')),
  ]
}

it('does what a counter does that never comes round', () => {
  let compared = 0
  assert(property(array(nat(999), { minLength: 8, maxLength: 40 }), boolean(), (tape, instrumented) => {
    const [sequenced, counted] = programs(tape, instrumented)
    const states = reference(counted, 1500)
    if (!states) return
    compared++
    for (const reduce of [true, false]) {
      const result = check(sequenced, { reduce, all: true })
      expect({ verdict: result.verdict, reached: result.stats.reached.toSorted() })
        .toEqual({ verdict: oraclesOf(states).size > 0 ? 'violated' : 'holds', reached: [...reachedIn(states)].toSorted() })
    }
  }), { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100), ...(process.env['FUZZ_SEED'] && { seed: Number(process.env['FUZZ_SEED']) }) })
  expect(compared).toBeGreaterThan(50)
})
