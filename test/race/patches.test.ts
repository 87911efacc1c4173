import { describe, expect, it } from 'vitest'
import { patches } from '../../src/kernel/patches.js'
import { oracles } from '../../src/oracles/index.js'
import { allRaces } from './load.js'

const races = await allRaces()

describe('what races name', () => {
  it('patches have one entry each', () => {
    const ids = patches.map(({ id }) => id)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  })
  it.each(races.map((race) => [race.name, race] as const))('%s', (_, race) => {
    for (const { revert = [], apply = [], expect: history } of Object.values(race.variants)) {
      for (const id of revert) expect(patches.find((p) => p.id === id)?.state, id).toBe('merged')
      for (const id of apply) expect(patches.find((p) => p.id === id)?.state, id).toMatch(/proposed|mutation/)
      if ('violates' in history) expect([...oracles.keys(), 'deadlock', 'livelock']).toContain(history.violates)
    }
  })
})
