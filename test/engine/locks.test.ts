import { array, assert, boolean, constantFrom, nat, oneof, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { LockBook } from '../../src/engine/locks/lock-book.js'
import type { Acquire } from '../../src/engine/model/lock.js'
import { type Cell, Memory } from '../../src/engine/model/memory.js'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { finish } from '../../src/race/check.js'
import { search } from '../../src/engine/search/explore.js'
import { goesRound, LOCKS, lockProgram, lockReference, MODES } from './lock-programs.js'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200)

const op = oneof(
  { weight: 5, arbitrary: record({ do: constantFrom('lock' as const), lock: nat(LOCKS.length - 1), mode: constantFrom(...MODES) }) },
  { weight: 2, arbitrary: record({ do: constantFrom('try' as const), lock: nat(LOCKS.length - 1), mode: constantFrom(...MODES) }) },
  { weight: 3, arbitrary: record({ do: constantFrom('unlock' as const), last: boolean() }) },
  { weight: 1, arbitrary: record({ do: constantFrom('set' as const), value: nat(1) }) },
  { weight: 1, arbitrary: record({ do: constantFrom('if' as const), value: nat(1) }) },
  { weight: 1, arbitrary: record({ do: constantFrom('irqs' as const), on: boolean() }) },
)
const plan = record({
  threads: array(array(op, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 3 }), handler: boolean(), several: boolean(),
})

const REDUCTIONS = [false, true, { persistent: false }, { sleep: false }, { symmetry: false }]

it('finds the orders of locks that looking at every interleaving finds, whatever is left out', () => {
  let [cycles, deadlocks] = [0, 0]
  assert(property(plan, (threads) => {
    const wanted = lockReference(threads)
    for (const reduce of REDUCTIONS) {
      const loaded = new Loaded(lockProgram(threads))
      const result = finish(search(loaded, { reduce, all: true }))
      const found = result.verdict === 'violated' ? result.found.map(({ violation }) => violation.oracle) : []
      const dependencies = loaded.locks.dependencies.map(({ from, to, recursive, shared }) => `${from} ${to} ${recursive} ${shared}`)
      expect(new Set(dependencies)).toEqual(wanted.dependencies)
      expect(found.includes('order')).toBe(goesRound(wanted.dependencies))
      expect(found.includes('deadlock')).toBe(wanted.deadlock)
      // Whoever waits for ever waits for a lock.
      if (wanted.deadlock) expect(found).toContain('order')
    }
    if (goesRound(wanted.dependencies)) cycles++
    if (wanted.deadlock) deadlocks++
  }), { numRuns: RUNS })
  expect(deadlocks).toBeGreaterThan(0)
  expect(cycles).toBeGreaterThan(deadlocks)
})

it('puts together what several searches have seen: one saw a lock after another of its class, one before', () => {
  const memory = new Memory()
  const [first, second] = [memory.cell('a0'), memory.cell('a1')]
  const take = (lock: Cell): Acquire => ({ op: 'acquire', lock, class: 'a', several: true })
  const seeing = (one: Cell, other: Cell): LockBook => {
    const book = new LockBook(memory)
    const place = { label: 'lock', calls: [] }
    book.wants(book.after([], take(one), undefined, 'thread', place), take(other), 'thread', place)
    return book
  }
  const [book, other] = [seeing(first, second), seeing(second, first)]
  expect([...book.dependencies, ...other.dependencies]).toEqual([])
  book.join(structuredClone(other.seen))
  expect(book.dependencies.map(({ from, to }) => `${from} ${to}`)).toEqual(['a a', 'a a'])
})
