import { describe, expect, it } from 'vitest'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { atomic, load, store } from '../../src/engine/model/step.js'
import type { Program } from '../../src/engine/program.js'
import { check } from '../../src/engine/search/explore.js'
import { orderLines } from '../../src/trace/order-lines.js'
import { ordersOf } from '../../src/trace/orders.js'
import { rowsOf } from '../../src/trace/rows.js'
import { type Trace, traceOf } from '../../src/trace/trace.js'
import { program, readTwice } from './read-twice.js'

function traceFound(make: () => Program): Trace {
  const loaded = new Loaded(make())
  const result = check(loaded.program, { strategy: 'fewest-preemptions' })
  if (result.verdict !== 'violated') throw new Error(`the program ${result.verdict}`)
  return traceOf(loaded, result.found[0])
}

const finished = (make: () => Program, trace: Trace, bound?: { states: number }) => {
  const search = ordersOf(make, trace, bound)
  for (;;) {
    const { done, value } = search.next()
    if (done) return value!
  }
}

describe('rows', () => {
  it('show every read of what another lane writes, and the orders they stand in', () => {
    const trace = traceFound(readTwice)
    expect(rowsOf(trace).map(({ text }) => text)).toEqual(['first', 'split', 'second', 'compare'])
    expect(orderLines(finished(readTwice, trace), 72)).toEqual([
      '  Happens exactly when:', '    A  first  before  B  split', '    B  split  before  A  second',
    ])
  })

  it('leave out cells that say how the program is built', () => {
    const rows = rowsOf(traceFound(() => readTwice({ interest: 'quiet' })))
    expect(rows.map(({ text }) => text)).toEqual(['compare'])
  })

  it('show a write of the lane itself that the violation is about', () => {
    const lost = () => program((memory) => {
      const content = memory.cell('content')
      const other = memory.cell('other')
      const written = memory.ghost('last written')
      memory.watch(content, (m, _, __, after) => m.get(written) !== after && after === 0 && m.violate('lost', 'a write is lost'))
      return [
        function* () {
          yield* store(other, 1, { label: 'elsewhere' })
          yield* store(content, 2, { label: 'the write' })
          yield* store(other, 2, { label: 'elsewhere again' })
          yield* atomic('(books)', (m) => m.set(written, 2))
          yield* store(content, 0, { label: 'thrown away' })
        },
        function* () {
          yield* load(other, { label: '(nothing)' })
        },
      ]
    })
    expect(rowsOf(traceFound(lost)).map(({ text }) => text)).toEqual(['the write', 'thrown away'])
  })
})

describe('orders', () => {
  it('are said to be unfinished where the bound came first, with what is established', () => {
    const orders = finished(readTwice, traceFound(readTwice), { states: 1 })
    expect(orders).toMatchObject({ exact: undefined, looked: expect.any(Number), of: 2 })
    expect(orders.looked).toBeLessThan(2)
    expect(orderLines(orders, 72).join(' ')).toContain('Not finished')
  })
})
