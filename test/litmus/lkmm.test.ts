import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkLkmm } from '../../src/litmus/lkmm/check-lkmm.js'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'

const load = (name: string) =>
  parseLitmus(readFileSync(path.join(import.meta.dirname, 'suite', `${name}.litmus`), 'utf8'))

describe('the Linux-kernel memory model', () => {
  test.each([
    ['sb', 'Sometimes', 4, false],
    ['sb-mb', 'Never', 3, false],
    ['mp', 'Sometimes', 4, false],
    ['mp-wmb-rmb', 'Never', 3, false],
    ['mp-pointer', 'Never', 2, false],
    ['mp-plain-race', 'Sometimes', 3, true],
    ['mp-plain-ordered', 'Never', 2, false],
    ['lb', 'Sometimes', 4, false],
    ['lb-ctrl-data', 'Never', 1, false],
    ['lb-hidden-control', 'Sometimes', 2, false],
    ['iriw-rmb', 'Sometimes', 16, false],
    ['rcu-reader', 'Never', 3, false],
    ['srcu-other-struct', 'Sometimes', 4, false],
    ['lock-counter', 'Always', 1, false],
    ['lock-twice', 'Never', 0, false],
    ['trylock', 'Sometimes', 2, false],
    ['atomic-add-mb', 'Never', 3, false],
    ['cmpxchg-once', 'Always', 2, false],
    ['filtered', 'Sometimes', 2, false],
    ['control-chain', 'Sometimes', 2, false],
    ['counters', 'Sometimes', 3, false],
  ])('%s: %s, %i states', (name, observation, states, dataRace) => {
    const result = checkLkmm(load(name))
    expect(result).toMatchObject({ observation, counted: true, dataRace })
    expect(result.states).toHaveLength(states)
  })

  test('an execution counts once, whatever its final state', () => {
    expect(checkLkmm(load('lock-counter'))).toMatchObject({ positive: 2, negative: 0, states: ['[n]=2;'], ok: true })
    expect(checkLkmm(load('filtered'))).toMatchObject({ positive: 1, negative: 1, ok: false })
  })
})
