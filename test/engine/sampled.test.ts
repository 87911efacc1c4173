import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { atomic, check, Memory, type Program, store, type Steps } from '../../src/engine/index.js'
import { proof } from '../../src/engine/learn/proof.js'
import { bakery, fifo, peterson, szymanski } from '../../bench/models/mmrace.js'
import { scenario } from '../../bench/scenario/mmrace.js'

const { first, seldom } = proof

/** 0 for a long time. */
const late = Array.from({ length: 8000 }, (_, i) => Math.max(0, i - 3000)).values()
const sampling = (often: { first: number; seldom: number }): void => void Object.assign(proof, often)

const numbersOf = (program: Program, options: Parameters<typeof check>[1]): unknown => {
  const { verdict, stats: { states, transitions, ends, localStates } } = check(program, { all: true, ...options })
  return { verdict, states, transitions, ends, localStates }
}

/** One thread's closures capture what it changes afterwards; another makes each be taken again with other values. */
function captured(): Program {
  const memory = new Memory()
  const [x, y] = [memory.cell('x'), memory.cell('y')]
  function* one(): Steps<number> {
    let add = 1
    for (let i = 0; i < 3; i++) {
      yield* atomic('y += x * add', (m) => m.set(y, m.get(y) + m.get(x) * add))
      add += 2
    }
    return add
  }
  function* other(): Steps {
    for (let i = 1; i < 4; i++) yield* store(x, i)
  }
  return { memory, threads: [{ name: 'one', body: one }, { name: 'other', body: other }] }
}

describe('with no second runs of model code', () => {
  const programs = {
    captured, scenario: () => scenario(3, 2, true), bakery: () => bakery(2, 3), fifo: () => fifo(2, 3), peterson: () => peterson(3), szymanski: () => szymanski(3),
  }
  afterAll(() => sampling({ first, seldom }))

  it.each(Object.entries(programs))('%s is the same', (_, make) => {
    for (const reduce of [true, false]) {
      sampling({ first: Infinity, seldom: 0 })
      const expected = numbersOf(make(), { reduce })
      sampling({ first: 0, seldom: Infinity })
      expect(numbersOf(make(), { reduce })).toEqual(expected)
    }
  })
})

describe('with second runs by sampling', () => {
  beforeAll(() => sampling({ first: 8, seldom: 16 }))
  afterAll(() => sampling({ first, seldom }))

  it('code that does something else in the end is refused', () => {
    const memory = new Memory()
    const x = memory.cell('x')
    const body = function* (): Steps {
      for (let i = 0; i < 2000; i++) yield* store(x, late.next().value ?? 1)
    }
    expect(() => check({ memory, threads: [{ name: 'A', body }] }, {})).toThrow(/not deterministic/)
  })

  it('a loop of many rounds ends', () => {
    const memory = new Memory()
    const x = memory.cell('x')
    const body = function* (): Steps {
      for (let i = 0; i < 25_000; i++) yield* store(x, i & 1)
    }
    expect(check({ memory, threads: [{ name: 'A', body }] }, {})).toMatchObject({ verdict: 'holds', stats: { states: 25_001 } })
  })
})
