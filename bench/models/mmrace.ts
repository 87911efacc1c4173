import { atomic, Blocked, choose, load, Memory, type Program, type Steps, store } from 'mmrace/engine'

// Algorithms for mutual exclusion, whose processes go round for ever. Each `yield*` is a step of the .pml beside this file.

const numbers = (count: number): number[] => [...Array(count).keys()]

const program = (memory: Memory, count: number, body: (me: number) => Steps): Program =>
  ({ memory, threads: numbers(count).map((me) => ({ name: `P${me}`, body: () => body(me), endless: true })) })

const wait = (test: (m: { get(cell: number): number }) => boolean): Steps =>
  atomic('wait', (m) => (test(m as never) ? undefined : new Blocked('not yet')))

/** Peterson's filter for `count` processes. */
export function peterson(count: number): Program {
  const memory = new Memory()
  const level = memory.cells('level', count)
  const last = memory.cells('last', count, count)

  function* rise(me: number, at: number): Steps {
    yield* store(level[me]!, at)
    yield* store(last[at]!, me)
    yield* wait((m) => m.get(last[at]!) !== me || level.every((cell, other) => other === me || m.get(cell) < at))
  }

  function* process(me: number): Steps {
    for (;;) {
      for (let at = 1; at < count; at++) yield* rise(me, at)
      yield* store(level[me]!, 0)
    }
  }
  return program(memory, count, process)
}

/** Lamport's bakery, with numbers up to `most`: who would need a larger one tries again. */
export function bakery(count: number, most: number): Program {
  const memory = new Memory()
  const choosing = memory.cells('choosing', count)
  const number = memory.cells('number', count)

  function* largest(): Steps<number> {
    let max = 0
    for (const other of number) {
      const value = yield* load(other)
      if (value > max) max = value
    }
    return max
  }

  function* waitFor(other: number, me: number): Steps {
    yield* wait((m) => m.get(choosing[other]!) === 0)
    yield* wait((m) => {
      const theirs = m.get(number[other]!)
      if (theirs === 0) return true
      const mine = m.get(number[me]!)
      return theirs > mine || (theirs === mine && other >= me)
    })
  }

  function* process(me: number): Steps {
    for (;;) {
      yield* store(choosing[me]!, 1)
      const max = yield* largest()
      if (max < most) {
        yield* store(number[me]!, max + 1)
        yield* store(choosing[me]!, 0)
        for (let other = 0; other < count; other++) yield* waitFor(other, me)
        yield* store(number[me]!, 0)
      } else yield* store(choosing[me]!, 0)
    }
  }
  return program(memory, count, process)
}

/** Szymanski's algorithm. */
export function szymanski(count: number): Program {
  const memory = new Memory()
  const flag = memory.cells('flag', count)

  function* process(me: number): Steps {
    for (;;) {
      yield* store(flag[me]!, 1)
      yield* wait((m) => flag.every((cell) => m.get(cell) < 3))
      yield* store(flag[me]!, 3)
      if (yield* atomic('somebody waits', (m) => flag.some((cell) => m.get(cell) === 1))) {
        yield* store(flag[me]!, 2)
        yield* wait((m) => flag.some((cell) => m.get(cell) === 4))
      }
      yield* store(flag[me]!, 4)
      yield* wait((m) => flag.every((cell, other) => other >= me || m.get(cell) < 2))
      yield* wait((m) => flag.every((cell, other) => other <= me || m.get(cell) < 2 || m.get(cell) === 4))
      yield* store(flag[me]!, 0)
    }
  }
  return program(memory, count, process)
}

/** `count` values through a queue of `length` places; the reader of the whole queue takes them out in one step. */
export function fifo(values: number, length: number): Program {
  const memory = new Memory()
  const places = memory.cells('place', length)
  const used = memory.cell('used')

  function* writer(): Steps {
    for (;;) {
      const value = 1 + (yield* choose(values))
      yield* atomic('put', (m) => {
        const n = m.get(used)
        if (n === length) return new Blocked('full')
        m.set(places[n]!, value)
        m.set(used, n + 1)
      })
    }
  }

  function* reader(): Steps {
    for (;;) {
      yield* atomic('take', (m) => {
        const n = m.get(used)
        if (n === 0) return new Blocked('empty')
        for (let i = 1; i < length; i++) m.set(places[i - 1]!, m.get(places[i]!))
        m.set(places[length - 1]!, 0)
        m.set(used, n - 1)
      })
    }
  }
  return { memory, threads: [{ name: 'writer', body: writer, endless: true }, { name: 'reader', body: reader, endless: true }] }
}
