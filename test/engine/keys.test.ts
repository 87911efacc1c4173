import { expect, it } from 'vitest'
import { atomic, check, load, Memory, type Steps, store } from '../../src/engine/index.js'
import { Identities, keyOf, Met } from '../../src/engine/learn/keys.js'

const identities = new Identities()
const text = (...values: unknown[]): string => {
  const met = new Met()
  return values.map((value) => keyOf(value, identities, met)).join()
}

const holes = (length: number): unknown[] => Object.assign([], { length })
const shared = [0]
const around: unknown[] = []
around.push(around)
const withMore = Object.assign([1], { index: 3 })
const holed = Object.assign(holes(1), { index: 3 })

it('tells apart what can be told apart later', () => {
  const all: unknown[][] = [
    [0], [-0], [0n], ['0'], [NaN], [undefined], ['undefined'], [null], ['null'], [true], ['true'],
    [[]], [holes(1)], [holes(2)], [[undefined]], [[0]], [[[]]], [[0, undefined, 1]], [Object.assign(holes(3), [0])],
    [{}], [Object.create(null)], [{ a: 1, b: 2 }], [{ b: 2, a: 1 }], [{ 'a:1,b': 2 }], [{ a: undefined }], [{ length: 0 }],
    [withMore], [holed], [[1]], [shared, shared], [[0], [0]], [[shared, shared]], [[[0], [0]]], [around],
    [Symbol.iterator], [Symbol('a')], [Symbol('a')], [Symbol.for('a')], [{ [Symbol.iterator]: 1 }], [new Map()], [new Map()],
    ['#0'], ['@0'], [[1, 2]], ['1,2'], [1, 2],
  ]
  const keys = all.map((values) => text(...values))
  expect(new Set(keys).size).toBe(keys.length)
  expect(text([1, { a: [2] }])).toBe(text([1, { a: [2] }]))
})

it('refuses what it cannot tell', () => {
  expect(() => text({ get a() { return 1 } })).toThrow('a value of model code has a getter or setter: a')
})

/** The values that `x` ends with, where another thread may set `y` at any time. */
const ends = (thread: (x: number, y: number) => Steps<unknown>): number[] => {
  const memory = new Memory()
  const [x, y] = [memory.cell('x'), memory.cell('y')]
  const seen = new Set<number>()
  check({
    memory,
    threads: [{ name: 'A', body: () => thread(x, y) }, { name: 'B', body: () => store(y, 1) }],
    atEnd: (m) => void seen.add(m.get(x)),
  }, { all: true })
  return [...seen].toSorted()
}

it('two variables that are one array are not two equal arrays', () => {
  expect(ends(function* (x, y) {
    const pages: number[] = []
    const other = (yield* load(y as never)) === 0 ? pages : []
    yield* load(y as never)
    other.push(1)
    yield* store(x as never, pages.length)
  })).toEqual([0, 1])
})

it('nor where they have been frozen', () => {
  expect(ends(function* (x, y) {
    const pages = yield* atomic('look', () => [1])
    const other = (yield* load(y as never)) === 0 ? pages : yield* atomic('look', () => [1])
    yield* load(y as never)
    yield* store(x as never, Number(other === pages))
  })).toEqual([0, 1])
})

it('what a function is passed and returns is equal: to ask for more is refused', () => {
  function* same<T>(list: T, y: number): Steps<T> {
    yield* load(y as never)
    return list
  }
  const passing = (look: (got: readonly number[], pages: readonly number[]) => boolean) => function* (x: number, y: number): Steps {
    const pages: number[] = []
    const got = yield* same(pages, y)
    yield* load(y as never)
    yield* store(x as never, Number(look(got, pages)))
  }
  expect(ends(passing((got, pages) => got.length === pages.length))).toEqual([1])
  expect(() => ends(passing((got, pages) => got === pages))).toThrow('is not deterministic')
})

it.each([
  ['a hole and nothing', (seen: number) => [[], holes(1)][seen]!.length],
  ['a bigint and a number', (seen: number) => [typeof 1, typeof 1n].indexOf(typeof [1, 1n][seen])],
  ['0 and -0', (seen: number) => Number(1 / [0, -0][seen]! < 0)],
  ['two symbols', (seen: number) => SYMBOLS.indexOf([SYMBOLS[0], SYMBOLS[1]][seen]!)],
  ['names with colons', (seen: number) => Object.keys([{ a: 1, b: 2 }, { 'a:1,b': 2 }][seen]!).length - 1],
  ['prototypes', (seen: number) => Number(Object.getPrototypeOf([{}, Object.create(null) as object][seen]) === null)],
])('%s are different states', (_name, value) => {
  expect(ends(function* (x, y) {
    const kept = pairOf(value)[yield* load(y as never)]
    yield* load(y as never)
    yield* store(x as never, kept!)
  })).toHaveLength(2)
})

const SYMBOLS = [Symbol('a'), Symbol('a')]
const pairOf = (value: (seen: number) => number): readonly number[] => [value(0), value(1)]
