import { describe, expect, it } from 'vitest'
import { pendingSite } from '../../src/engine/model/at.js'
import { Call } from '../../src/engine/model/fn.js'
import { Memory } from '../../src/engine/model/memory.js'
import { Sequential } from '../../src/engine/model/sequential.js'
import { load, type Steps, store } from '../../src/engine/model/step.js'

// This file itself is instrumented (vitest.config.ts).

const memory = new Memory()
const [x, y] = memory.cells('x', 2, 3)
const run = <T>(code: Steps<T>): T => new Sequential(memory).run(code)

const early = declared(1)

/** A declaration: callable before it, like any function. */
function* declared(a: number, b = a + 1, ...rest: number[]): Steps<number[]> {
  return [a, b, ...rest, yield* load(x!)]
}

const expression = function* named(n: number): Steps<number> {
  return n === 0 ? yield* load(x!) : yield* named(n - 1)
}

const table = {
  offset: 10,
  * method({ by }: { by: number }): Steps<number> {
    return by + this.offset + (yield* load(x!))
  },
  value: function* ([a, b]: [number, number]): Steps<number> {
    return a * b + (yield* load(x!))
  },
  'quoted name': function* (): Steps { yield* store(x!, 1) },
}

class Base {
  static * make(this: typeof Base): Steps<Base> {
    return new this(yield* load(x!))
  }

  constructor(readonly start: number) {}

  * get(by: number): Steps<number> {
    return this.start + by + (yield* load(y!))
  }
}

class Derived extends Base {
  override * get(by: number): Steps<number> {
    return 100 * (yield* super.get(by))
  }
}

function* plain(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i
}

const workers = [1, 2].map((id) => function* (): Steps<number> {
  yield* store(x!, id)
  return id + (yield* load(x!))
})

const shape = ({ name, length }: { name: string; length: number }) => [name, length]

const site = (code: Steps<unknown>) => {
  const call = code as Call<unknown>
  const body = call.fn.body(...(call.args as never[]))
  pendingSite.site = undefined
  body[Symbol.iterator]().next()
  return { ...pendingSite }
}

describe('instrumented functions', () => {
  it('run as before', () => {
    expect(run(early)).toEqual([1, 2, 3])
    expect(run(declared(1, 5, 6, 7))).toEqual([1, 5, 6, 7, 3])
    expect(run(expression(2))).toBe(3)
    expect(run(table.method({ by: 5 }))).toBe(18)
    expect(run(table.value([2, 4]))).toBe(11)
    expect(run(workers[1]!())).toBe(4)
    expect([...plain(3)]).toEqual([0, 1, 2])
  })

  it('keep `this` and `super`', () => {
    expect(run(new Derived(1).get(2))).toBe(600)
    expect(run(Derived.make())).toBeInstanceOf(Derived)
    expect(Object.keys(new Derived(1))).toEqual(['start'])
    expect(Object.keys(table)).toEqual(['offset', 'method', 'value', 'quoted name'])
  })

  it('are known by name and place', () => {
    expect(declared(1)).toBeInstanceOf(Call)
    expect(shape(declared)).toEqual(['declared', 1])
    expect(shape(expression)).toEqual(['named', 1])
    expect(shape(table['quoted name'])).toEqual(['quoted name', 0])
    expect(shape(Derived.prototype.get)).toEqual(['get', 1])
    expect(early).toMatchObject({ fn: { name: 'declared', file: 'test/instrument/functions.test.ts', line: 17 } })
    expect((declared(1) as Call<unknown>).fn).toBe((early as Call<unknown>).fn)
  })

  it('tell where they are', () => {
    expect(site(declared(1, 2, 3))).toEqual({
      site: { file: 'test/instrument/functions.test.ts', line: 18, column: 26, tail: false },
      live: [1, 2, [3]],
      used: [],
    })
    expect(site(expression(0)).site?.tail).toBe(true)
  })

  it('tell what they captured at set-up', () => {
    expect(workers.map((worker) => site(worker()).live)).toEqual([[1], [2]])
  })
})
