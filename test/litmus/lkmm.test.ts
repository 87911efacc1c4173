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
    ['cmpxchg-failed-alone', 'Sometimes', 4, false],
    ['cmpxchg-failed-before-atomic', 'Never', 3, false],
    ['add-unless-failed-after-atomic', 'Never', 3, false],
    ['add-negative-release', 'Never', 3, false],
    ['srcu-up-read-mb', 'Never', 3, false],
    ['filtered', 'Sometimes', 2, false],
    ['control-chain', 'Sometimes', 2, false],
    ['counters', 'Sometimes', 3, false],
    ['release-sequence', 'Never', 8, false],
    ['lb-data-through-plain', 'Never', 1, false],
    ['srcu-overlap', 'Sometimes', 4, false],
    ['srcu-handed-over', 'Never', 3, false],
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

/** A ring of threads, each a grace period or a reader between reading one variable and writing the next. */
const ring = (kinds: string): string => `C ring-${kinds}
{}
${[...kinds].map((kind, i) => `
P${i}(int *x${i}, int *x${(i + 1) % kinds.length})
{
	int r0;

	${kind === 'R' ? 'rcu_read_lock();' : ''}
	r0 = READ_ONCE(*x${i});
	${kind === 'G' ? 'synchronize_rcu();' : ''}
	WRITE_ONCE(*x${(i + 1) % kinds.length}, 1);
	${kind === 'R' ? 'rcu_read_unlock();' : ''}
}
`).join('')}
exists (${[...kinds].map((_, i) => `${i}:r0=1`).join(' /\\ ')})
`

describe('a ring of grace periods and readers is forbidden if there are at least as many grace periods', () => {
  test.each([
    ['GR', 'Never'], ['GRR', 'Sometimes'], ['GGRR', 'Never'], ['GRGRR', 'Sometimes'], ['GGGRRR', 'Never'],
    ['GGGGRRRRR', 'Sometimes'], ['GGGGGRRRRR', 'Never'],
  ])('%s: %s', (kinds, observation) => {
    const result = checkLkmm(parseLitmus(ring(kinds)))
    expect(result.observation).toBe(observation)
    expect(result.states).toHaveLength(2 ** kinds.length - (observation === 'Never' ? 1 : 0))
  })

  test('the verdict stands when counting ends at its limit', () => {
    expect(checkLkmm(parseLitmus(ring('GGGRRRR')), 500)).toMatchObject({ observation: 'Sometimes', counted: false })
    expect(checkLkmm(parseLitmus(ring('GGGRRR')), 500)).toMatchObject({ observation: 'Never', counted: false })
  })
})

test('a plain write beside a marked one is flagged, unless something is between', () => {
  expect(checkLkmm(load('mixed'))).toMatchObject({ flags: ['data-race', 'mixed-accesses'], dataRace: true })
  const source = readFileSync(path.join(import.meta.dirname, 'suite', 'mixed.litmus'), 'utf8')
  const apart = parseLitmus(source.replace('*x = 1;', '*x = 1;\n\tbarrier();'))
  expect(checkLkmm(apart).flags).toEqual(['data-race'])
})

test('misuse of locks and RCU is flagged as herd7 flags it', () => {
  expect(checkLkmm(load('misuse')).flags).toEqual([
    'invalid-sleep', 'lock-final', 'multiple-srcu-matches', 'unmatched-rcu-lock', 'unmatched-rcu-unlock',
    'unmatched-srcu-lock', 'unmatched-srcu-unlock', 'unmatched-unlock',
  ])
})
