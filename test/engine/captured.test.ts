import { expect, it } from 'vitest'
import { atomic, type Cell, check, load, Memory, type Steps, store, until } from '../../src/engine/index.js'

/** The values that `y` ends with, over all interleavings of a thread with one that stores 1 to `x`. */
const ends = (thread: (x: Cell, y: Cell) => Steps<unknown>): number[] => {
  const memory = new Memory()
  const x = memory.cell('x')
  const y = memory.cell('y')
  const seen = new Set<number>()
  const result = check({
    memory,
    threads: [{ name: 'A', body: () => thread(x, y) }, { name: 'B', body: () => store(x, 1) }],
    atEnd: (access) => void seen.add(access.get(y)),
  }, { reduce: false, states: 1000 })
  expect(result.verdict).toBe('holds')
  return [...seen].toSorted()
}

it('an atomic step sees the variables it captured as they were when it was made', () => {
  expect(ends(function* (x, y) {
    let wanted = 5
    yield* atomic('y = wanted + x', (m) => m.set(y, wanted + m.get(x)))
    wanted = 7
    yield* load(x)
    return wanted
  })).toEqual([5, 6])
})

it('so does a wait', () => {
  expect(ends(function* (x, y) {
    let least = 1
    const seen = yield* until(x, (value) => value >= least)
    least = 0
    yield* store(y, seen)
    return least
  })).toEqual([1])
})
