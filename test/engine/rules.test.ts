import { describe, expect, it } from 'vitest'
import { type Access, atomic, type Cell, check, choose, context as here, load, Memory, type Program, type Steps, store, until } from '../../src/engine/index.js'

const memory = new Memory()
const [x, y] = [memory.cell('x'), memory.cell('y')]
const cell = (index: unknown): Cell => index as Cell

/** A program of one thread, and one that may set `y` at any time. */
const program = (run: () => unknown, more: Partial<Program> = {}): Program => ({
  memory,
  threads: [{ name: 'A', body: run as () => Steps<unknown> }, { name: 'B', body: () => store(y, 1) }],
  ...more,
})
const checked = (run: () => unknown, more: Partial<Program> = {}) => check(program(run, more))

describe('results of steps', () => {
  it('cannot be changed: what was changed would be there when the function is run again', () => {
    expect(() => checked(function* () {
      const pages = (yield* atomic('pages', (): number[] => [])) as number[]
      pages.push(7)
      yield* load(y)
      if (pages.length === 1) yield* atomic('bad', (m) => m.violate('bad', 'one page'))
    })).toThrow('Cannot add property 0, object is not extensible')
  })
  it('nor can what is in them', () => {
    expect(() => checked(function* () {
      const { pages } = yield* atomic('pages', () => Object.freeze({ pages: [0] }))
      yield* load(y)
      pages[0] = 1
    })).toThrow('Cannot assign to read only property')
  })
})

describe('cells that are not there', () => {
  it.each([
    ['store', () => store(cell(x + 2), 5), 'writer(): step "cell 2 = 5": there is no cell 2: the program has cells 0 to 1'],
    ['load', () => load(cell(-1)), 'writer(): step "read cell -1": there is no cell -1'],
    ['a far one', () => load(cell(1e9)), 'there is no cell 1000000000'],
    ['none', () => load(cell(undefined)), 'there is no cell undefined'],
    ['a name', () => load(cell('x')), 'there is no cell "x"'],
    ['half a one', () => load(cell(0.5)), 'there is no cell 0.5'],
    ['in an atomic step', () => atomic('look', (m) => m.get(cell(7))), 'writer(): step "look": there is no cell 7'],
    ['in a wait', () => until(cell(7), () => true), 'there is no cell 7'],
  ])('%s', (_name, step, message) => {
    expect(() => checked(function* () { yield* writer(step) })).toThrow(message)
  })
  it.each([NaN, 0.5, undefined, 2 ** 32, -(2 ** 31) - 1, '1', true, {}])('values that are not there: %s', (value) => {
    expect(() => checked(function* () { yield* store(x, value as number) })).toThrow(/it writes .* to x: a cell holds a whole number of 32 bits/)
  })
  it('of 32 bits a cell has all', () => {
    expect(checked(function* () { yield* store(x, 0xffff_ffff); if ((yield* load(x)) !== -1) yield* atomic('bad', (m) => m.violate('bad', '')) }).verdict).toBe('holds')
  })
  it('at set-up', () => {
    expect(() => new Memory().cell('z', 0.5)).toThrow('cell z starts with 0.5')
    expect(() => new Memory().watch(cell(3), () => {})).toThrow('there is no cell 3 to watch')
  })
})

function* writer(step: () => Steps<unknown>): Steps { yield* step() }

describe('what nobody would run', () => {
  const idle = function* (): Steps { yield* store(x, 1) }
  const generator = (function* (m: Access) { yield m.violate('bad', 'always') }) as unknown as (m: Access) => void
  const promise = (async () => {}) as unknown as (m: Access) => void
  it.each([['a generator', generator], ['a promise', promise]])('at the end: %s', (what, look) => {
    expect(() => checked(idle, { atEnd: look })).toThrow(`step "at the end": its function gives ${what}, which nobody runs`)
  })
  it.each([['a generator', generator], ['a promise', promise]])('in an atomic step: %s', (what, look) => {
    expect(() => checked(function* () { yield* atomic('look', look) })).toThrow(`step "look": its function gives ${what}, which nobody runs`)
  })
  it.each([['a generator', generator], ['a promise', promise]])('in a watcher: %s', (what, look) => {
    const watched = new Memory()
    const z = watched.cell('z')
    watched.watch(z, look)
    expect(() => check({ memory: watched, threads: [{ name: 'A', body: () => store(z, 1) }] })).toThrow(`a watcher gives ${what}, which nobody runs`)
  })
  it.each([['a generator', generator], ['a promise', promise]])('in a monitor: %s', (what, look) => {
    expect(() => checked(idle, { monitor: (_, m) => look(m) as undefined })).toThrow(`the monitor gives ${what}, which nobody runs`)
  })
  it('in a wait', () => {
    expect(() => checked(function* () { yield* until(x, promise as never) })).toThrow('the test of until() gives a promise, which nobody runs')
  })
  it('a cell of the books of an oracle', () => {
    const kept = new Memory()
    const book = kept.ghost('book')
    expect(() => check({ memory: kept, threads: [{ name: 'A', body: () => store(book, 1) }] })).toThrow('it writes to book, which is in the books of an oracle')
  })
  it('a step in a step', () => {
    expect(() => checked(function* () { yield* atomic('look', () => void store(x, 1)) })).toThrow('step "look": it makes another step, which nobody takes')
  })
  it.each([
    ['a step', function* (): Steps { store(x, 1); yield* load(y) }],
    ['the last step', function* (): Steps { yield* load(y); store(x, 1) }],
    ['a step in a condition', function* (): Steps { while ((load(x) as unknown) === 1) yield* load(y) }],
    ['a call', function* (): Steps { yield* load(y); writer(() => store(x, 1)); yield* load(y) }],
  ])('%s without yield*', (_name, body) => {
    expect(() => checked(body)).toThrow('it makes a step or a call and does not take it: write `yield*` before it')
  })
  it('a list', () => {
    expect(() => checked(function* () { yield* ([store(x, 1)] as unknown as Steps) })).toThrow('yield* on a list: it holds no steps')
    expect(() => checked(function* () { yield* ('abc' as unknown as Steps) })).toThrow('yield* on "abc": it is no step')
    expect(() => checked(function* () { yield* (undefined as unknown as Steps) })).toThrow('yield* on undefined: it is no step')
    expect(() => checked(() => [])).toThrow('thread A has nothing to run: its body gives a list')
    expect(() => checked(() => undefined)).toThrow('thread A has nothing to run: its body gives undefined')
  })
})

describe('choices', () => {
  it.each([NaN, 1.5, 0, -1, Infinity, '2'])('of %s are refused', (n) => {
    expect(() => checked(function* () { yield* choose(n as number) })).toThrow(`choose(${n}): give a whole number from 1 to 65536`)
  })
})

describe('what was made at set-up', () => {
  class Queue {
    readonly works: number[] = []
    count = 0
    put(work: number): void { this.works.push(work) }
    bump(): void { this.count++ }
  }
  const queue = new Queue()
  it('does not change: not behind a method', () => {
    const put = function* (of: Queue): Steps { of.put(1); yield* load(y) }
    expect(() => checked(function* () { yield* put(queue) })).toThrow('model code has changed works of a Queue that was made at set-up')
  })
  it('nor in a step', () => {
    const bump = function* (of: Queue): Steps { yield* atomic('bump', () => of.bump()) }
    for (const strategy of ['exhaustive', 'shortest', 'random'] as const) {
      expect(() => check(program(function* () { yield* bump(queue) }), { strategy })).toThrow('model code has changed count of a Queue')
    }
  })
  it('nor what a thread was started with', () => {
    const context = { cpu: 1 }
    const thread = { name: 'A', context, body: function* (): Steps { const mine = yield* here<{ cpu: number }>(); mine.cpu++; yield* load(y) } }
    expect(() => check({ memory, threads: [thread] })).toThrow('Cannot assign to read only property')
  })
})

describe('a step that does more than read and write cells', () => {
  it('is found out by what it does when it is taken again', () => {
    const counter = { count: 0, next() { return this.count++ } }
    expect(() => checked(function* () { yield* atomic('count', (m) => m.set(x, counter.next())) })).toThrow('step "count", taken twice in the same state, does different things')
  })
  it('or by how its function goes on', () => {
    expect(() => checked(function* () {
      const seen: number[] = []
      yield* atomic('look', (m) => void seen.push(m.get(x)))
      yield* load(y)
      if (seen.length > 0) yield* atomic('bad', (m) => m.violate('bad', 'seen'))
    })).toThrow('is not deterministic')
  })
})
