import { describe, expect, it } from 'vitest'
import { atomic, check, load, Memory, type Steps, STRATEGIES, store } from '../../src/engine/index.js'

/** A program without end, most of whose time goes into learning. */
const growing = () => {
  const memory = new Memory()
  const cells = memory.cells('c', 3)
  function* count(): Steps {
    for (;;) {
      const seen = yield* load(cells[0]!)
      yield* atomic('slow', (m) => { for (let i = 0; i < 300; i++) m.get(cells[i % 3]!) })
      yield* store(cells[0]!, seen + 1)
    }
  }
  return { memory, threads: [{ name: 'A', body: count }, { name: 'B', body: count }] }
}

it.each(STRATEGIES)('%s keeps a bound on time', (strategy) => {
  expect(check(growing(), { strategy, seconds: 0.5, ...((strategy === 'random' || strategy === 'pct') && { runs: 1e9 }) })).toMatchObject({ verdict: 'not-found', stopped: { bound: 'seconds' } })
})

describe('a local value that grows', () => {
  it('is refused, with the name of the function', () => {
    const memory = new Memory()
    const x = memory.cell('x')
    function* collect(): Steps {
      const seen: number[] = []
      for (;;) seen.push(1000 + (yield* load(x)), 1000, 1000, 1000, 1000, 1000, 1000, 1000)
    }
    expect(() => check({ memory, threads: [{ name: 'A', body: collect }] })).toThrow('collect() keeps a value that grows without bound')
  })
})
