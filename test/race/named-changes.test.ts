import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/engine/errors.js'
import { changes } from '../../src/kernel/changes/index.js'
import { changesOf } from '../../src/kernel/changes/changes_of.js'
import { kernelNames } from '../../src/machine/kernels.js'
import { changeProblem, namedChanges } from '../../src/race/named-changes.js'

const ids = (name: string) => {
  const found = namedChanges(name)
  return found instanceof UserError ? `${found.message}; ${found.hint}` : found.map(({ id }) => id)
}

describe('a change is found', () => {
  it.each([
    ['by its id', '70cbc3cc78a9', ['70cbc3cc78a9']],
    ['by seven digits', '70cbc3c', ['70cbc3cc78a9']],
    ['by forty', '70cbc3cc78a997d8247b50389d37c4e1736019da', ['70cbc3cc78a9']],
    ['in capitals', '70CBC3CC78A9', ['70cbc3cc78a9']],
    ['by a word', 'mutant-no-pte-recheck', ['mutant-no-pte-recheck']],
    ['by its CVE', 'CVE-2018-18281', ['eb66ae030829']],
    ['by a CVE that took two commits', 'cve-2019-11487', ['8fde12ca79af', '15fab63e1e57']],
  ])('%s', (_, name, found) => expect(ids(name)).toEqual(found))

  it.each([
    ['of six digits', '70cbc3', /too short for a commit; give 7 digits or more/],
    ['with one digit wrong', '70cbc3cc78aa', /no change "70cbc3cc78aa"; did you mean "70cbc3cc78a9"/],
    ['with forty of which one is wrong', '70cbc3cc78a897d8247b50389d37c4e1736019da', /no change/],
    ['that is another word', 'mutant-no-pte-rechek', /did you mean "mutant-no-pte-recheck"/],
    ['of a CVE that is none', 'CVE-2018-18282', /did you mean "CVE-2018-18281"/],
    ['that is nothing', '', /no change ""/],
  ])('not by a name %s', (_, name, problem) => expect(ids(name)).toMatch(problem))

  it('whole, whichever digits it has in common with others', () => {
    for (const { id } of changes) expect(ids(id), id).toContain(id)
  })
})

describe('kernels', () => {
  it('each has what those before it have, and nothing that is proposed', () => {
    let before = new Set<string>()
    for (const name of kernelNames) {
      const { ids: now } = changesOf(name)
      for (const id of before) expect(now, id).toContain(id)
      before = new Set(now)
    }
    for (const { id, since } of changes) expect(before.has(id), id).toBe(since !== undefined)
  })

  it('a change can be put in, or taken out, where some kernel is without it, or with it', () => {
    expect(changeProblem('70cbc3c', 'apply')?.message).toBe('every kernel has 70cbc3cc78a9')
    expect(changeProblem('70cbc3c', 'revert')).toBeUndefined()
    expect(changeProblem('5df397dec7c4', 'apply')).toBeUndefined()
    expect(changeProblem('5df397dec7c4', 'revert')).toBeUndefined()
    expect(changeProblem('mutant-no-pte-recheck', 'revert')?.message).toMatch(/a mutation: no kernel has it/)
  })
})
