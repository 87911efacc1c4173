import { describe, expect, it } from 'vitest'
import { changeById, changes } from '../../src/kernel/changes/index.js'
import { kernelNames } from '../../src/machine/kernels.js'
import { oracles } from '../../src/oracles/index.js'
import { expectOn } from '../../src/race/race.js'
import { allRaces } from './load.js'

const races = await allRaces()

describe('what races name', () => {
  it('changes have one entry each', () => {
    const ids = changes.map(({ id }) => id)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  })
  it.each(races.map((race) => [race.name, race] as const))('%s', (_, race) => {
    for (const variant of Object.values(race.variants)) {
      for (const id of variant.revert ?? []) expect(changeById(id)?.since, id).toBeDefined()
      for (const id of variant.apply ?? []) expect(changeById(id), id).toBeDefined()
      for (const kernel of kernelNames) {
        const history = expectOn(variant, kernel)
        if ('violates' in history) expect([...oracles.keys(), 'deadlock', 'livelock']).toContain(history.violates)
      }
    }
  })
})
