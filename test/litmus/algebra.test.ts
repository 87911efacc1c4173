import { array, assert, constant, constantFrom, nat, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { Algebra, type Relation } from '../../src/litmus/lkmm/algebra.js'

type Pairs = readonly (readonly [number, number])[]

/** Relations over one, two and three words of events. */
const cases = constantFrom(5, 32, 33, 70).chain((n) => {
  const pairs = array(tuple(nat(n - 1), nat(n - 1)), { maxLength: 2 * n })
  return tuple(constant(n), pairs, pairs)
})

const build = (a: Algebra, pairs: Pairs): Relation => {
  const r = a.empty()
  for (const [from, to] of pairs) a.add(r, from, to)
  return r
}

const pairsOf = (a: Algebra, r: Relation): string[] => {
  const found: string[] = []
  for (let i = 0; i < a.n; i++) for (let j = 0; j < a.n; j++) if (a.has(r, i, j)) found.push(`${i},${j}`)
  return found.toSorted()
}

const text = (pairs: Pairs): string[] => [...new Set(pairs.map(([i, j]) => `${i},${j}`))].toSorted()

const compose = (r: Pairs, s: Pairs): Pairs => r.flatMap(([i, j]) => s.filter(([k]) => k === j).map(([, l]) => [i, l] as const))

test('operations agree with the same on sets of pairs', () => {
  assert(property(cases, ([n, r, s]) => {
    const a = new Algebra(n)
    const [x, y] = [build(a, r), build(a, s)]
    expect(pairsOf(a, a.or(x, y))).toEqual(text([...r, ...s]))
    expect(pairsOf(a, a.seq(x, y))).toEqual(text(compose(r, s)))
    expect(pairsOf(a, a.inverse(x))).toEqual(text(r.map(([i, j]) => [j, i] as const)))
    expect(pairsOf(a, a.and(x, y))).toEqual(text(r.filter((p) => text(s).includes(String(p)))))
    expect(pairsOf(a, a.minus(x, y))).toEqual(text(r.filter((p) => !text(s).includes(String(p)))))
    expect(a.isIrreflexive(x)).toBe(r.every(([i, j]) => i !== j))
  }), { numRuns: 60 })
})

test('the closure is the least transitive relation above', () => {
  assert(property(cases, ([n, r]) => {
    const a = new Algebra(n)
    const closed = a.closeInto(build(a, r))
    let expected: Pairs = [...new Map(r.map((p) => [String(p), p])).values()]
    for (let size = -1; size !== expected.length;) {
      size = expected.length
      const all = new Map([...expected, ...compose(expected, r)].map((p) => [String(p), p]))
      expected = [...all.values()]
    }
    expect(pairsOf(a, closed)).toEqual(text(expected))
  }), { numRuns: 25 })
})

test('what is released is used again, and is empty', () => {
  const a = new Algebra(3)
  const mark = a.mark()
  const first = build(a, [[0, 1]])
  a.release(mark)
  const second = a.empty()
  expect(second).toBe(first)
  expect(a.isEmpty(second)).toBe(true)
})
