import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkMachine } from '../../src/litmus/operational/check-machine.js'
import { parseLitmus } from '../../src/litmus/parse/parse-litmus.js'

const load = (name: string) =>
  parseLitmus(readFileSync(path.join(import.meta.dirname, 'suite', `${name}.litmus`), 'utf8'))

describe('the interleaving engine runs the same files', () => {
  test.each([
    ['sb', 'Never', 'Sometimes'],
    ['sb-mb', 'Never', 'Never'],
    ['mp', 'Never', 'Never'],
    ['mp-pointer', 'Never', 'Never'],
    ['lb', 'Never', 'Never'],
    ['lb-hidden-control', 'Never', 'Never'],
    ['iriw-rmb', 'Never', 'Never'],
    ['rcu-reader', 'Never', 'Never'],
    ['srcu-other-struct', 'Never', 'Never'],
    ['lock-counter', 'Always', 'Always'],
    ['lock-twice', 'Never', 'Never'],
    ['trylock', 'Sometimes', 'Sometimes'],
    ['atomic-add-mb', 'Never', 'Never'],
    ['cmpxchg-once', 'Always', 'Always'],
    ['filtered', 'Never', 'Never'],
  ])('%s: %s under SC, %s under TSO', (name, sc, tso) => {
    expect(checkMachine(load(name), 'sc').observation).toBe(sc)
    expect(checkMachine(load(name), 'tso').observation).toBe(tso)
  })

  test('a search that ends at its limit has no answer', () => {
    expect(checkMachine(load('lock-counter'), 'sc', 3)).toMatchObject({ observation: undefined, ok: undefined })
  })
})
