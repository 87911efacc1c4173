import { describe, expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import { profiles } from '../../src/machine/profiles/index.js'
import { boot } from '../../src/race/boot.js'
import collapse from '../../races/gup-fast-vs-thp-collapse.js'

describe('gup-fast-vs-thp-collapse', () => {
  const oracles = (arch: string, revert: string[]) => {
    const result = check(boot(collapse, { arch, revert }), { all: true })
    return result.verdict === 'violated' ? result.found.map((f) => f.violation.oracle).toSorted() : result.verdict
  }
  it('loses a write exactly where a flush waits for no walker', () => {
    const bug = profiles.map(({ name }) => [name, oracles(name, ['70cbc3cc78a9', '2ba99c5e0881'])])
    expect(Object.fromEntries(bug)).toEqual({
      'x86-native': 'holds', 'x86-pae': 'holds', 'ppc64-hash': 'holds', generic: 'holds',
      'generic-no-special': 'holds', 'generic-no-fast-gup': 'holds',
      'x86-pv': ['O5', 'O6'], arm64: ['O5', 'O6'], 'ppc64-radix': ['O5', 'O6'], s390: ['O5', 'O6'],
    })
  })
})
