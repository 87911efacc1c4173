import { describe, expect, it } from 'vitest'
import { Memory } from '../../src/engine/model/memory.js'
import { store } from '../../src/engine/model/step.js'
import { check, type ExploreOptions } from '../../src/engine/search/explore.js'

function program() {
  const memory = new Memory()
  const cell = memory.cell('x')
  return { memory, threads: [{ name: 'a', body: function* () { yield* store(cell, 1) } }] }
}

describe('an option of a search', () => {
  it.each<[object, RegExp]>([
    [{ reduce: { sleeep: false } }, /option reduce: there is no field "sleeep"/],
    [{ reduce: 'no' }, /option reduce/],
    [{ al: true }, /there is no field "al"/],
    [{ all: 1 }, /option all is neither true nor false: 1/],
    [{ states: 1.5 }, /option states is not usable: 1.5/],
    [{ states: '5' }, /option states is not a number: "5"/],
    [{ seconds: -1 }, /option seconds is not usable: -1/],
    [{ strategy: 'best' }, /option strategy is no strategy: "best"/],
    [{ strategy: 'pct', changes: 1e9 }, /option changes is not usable/],
    [{ strategy: 'random', runs: Number.NaN }, /option runs/],
    [{ strategy: 'random', seed: -1 }, /option seed/],
    [{ seed: 1 }, /seed means nothing to strategy exhaustive/],
  ])('%j is refused', (options, message) => {
    expect(() => check(program(), options as ExploreOptions)).toThrow(message)
  })

  it('that there is is taken', () => {
    for (const options of [{}, { reduce: false }, { reduce: { sleep: false } }, { strategy: 'pct', changes: 3, runs: 5, seed: 0 }] as const) {
      expect(check(program(), options).verdict).not.toBe('violated')
    }
  })
})
