import { expect, it } from 'vitest'
import { fn } from '../../src/engine/model/fn.js'
import { Memory } from '../../src/engine/model/memory.js'
import { atomic, load, store, type Steps } from '../../src/engine/model/step.js'
import { check } from '../../src/engine/search/explore.js'

it('goes on with the caller after a call that takes no step', () => {
  const memory = new Memory()
  const x = memory.cell('x')
  const maybe = fn(function* (step: boolean): Steps {
    if (step) yield* store(x, 1)
  }, 'maybe')
  const body = fn(function* (): Steps {
    yield* maybe(false)
    yield* store(x, 2)
    yield* maybe(false)
    if ((yield* load(x)) === 2) yield* atomic('end', (m) => m.reach('end'))
  }, 'body')
  const result = check({ memory, threads: [{ name: 'A', body }] })
  expect(result.verdict).toBe('holds')
  expect(result.stats.reached).toEqual(['end'])
})
