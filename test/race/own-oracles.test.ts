import { describe, expect, it } from 'vitest'
import { atomic, check, store } from '../../src/engine/index.js'
import { holds, oracle, race, reach } from '../../src/index.js'
import { boot } from '../../src/race/boot.js'
import type { Watch } from '../../src/race/own-oracle.js'
import type { Cell } from '../../src/engine/model/memory.js'

/** What comes of a race with an oracle of its own, over one cell that is set once. */
function checked(watch: (k: Watch, env: { c: Cell }) => void, lane = (c: Cell) => store(c, 1)) {
  const mine = race({
    name: 'own', title: 'an oracle of its own', oracles: [oracle({ id: 'mine', watch })], sometimes: ['set'],
    setup: (k) => ({ c: k.cell('c') }),
    cpus: {
      a: function* ({ c }) {
        yield* lane(c)
        yield* reach('set')
      },
    },
    variants: { fixed: { expect: holds } },
  })
  return check(boot(mine, { arch: 'arm64' }))
}

describe('an oracle of a race’s own', () => {
  it('says what is wrong in words, or nothing', () => {
    expect(checked((k, { c }) => k.changes(c, (_, __, after) => (after === 1 ? 'set' : undefined)))).toMatchObject({ verdict: 'violated', found: [{ violation: { oracle: 'mine', message: 'set' } }] })
    expect(checked((k, { c }) => k.changes(c, () => undefined)).verdict).toBe('holds')
  })

  it.each<[string, (k: Watch, env: { c: Cell }) => void, RegExp]>([
    ['that says true', (k, { c }) => k.changes(c, (() => true) as never), /oracle mine: a look gives true/],
    ['that waits', (k, { c }) => k.changes(c, (async () => 'set') as never), /oracle mine: a look gives a promise/],
    ['that waits at the end', (k) => k.atEnd((async () => 'set') as never), /oracle mine: a look gives a promise/],
    ['that is a generator', (function* (k: Watch, { c }: { c: Cell }) { k.changes(c, () => 'set') }) as never, /watch\(\) of oracle mine gives .*, which nobody runs/],
    ['that is asynchronous', (async () => {}) as never, /watch\(\) of oracle mine gives a promise/],
    ['that throws', (k) => (k as unknown as { atend(): void }).atend(), /watch\(\) of oracle mine threw: k\.atend is not a function/],
  ])('%s is refused', (_, watch, message) => expect(() => checked(watch)).toThrow(message))
})

it('a step says in words what is violated', () => {
  expect(() => checked(() => {}, () => atomic('v', (m) => m.violate(undefined as never, 'x')))).toThrow('it says that undefined is violated, by "x"')
  expect(() => checked(() => {}, () => atomic('v', (m) => m.violate('mine', undefined as never)))).toThrow('give two texts')
})

it('what is thrown need not be an error', () => {
  const odd = { toString() { throw new Error('no text') } }
  expect(() => checked(() => { throw odd as unknown as Error })).toThrow('threw: something that has no text')
})
