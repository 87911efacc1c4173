import { describe, expect, it } from 'vitest'
import { changeById } from '../../src/kernel/changes/index.js'
import { isExecuted } from '../../src/kernel/changes/changes_of.js'
import { kernelNames } from '../../src/machine/kernels.js'
import { profilesOn } from '../../src/machine/profiles/index.js'
import { changesIn } from '../../src/race/boot.js'
import { searched } from '../../src/race/cell.js'
import { conditionsOf } from '../../src/race/check.js'
import { missingFeatures } from '../../src/race/features.js'
import { expectOn } from '../../src/race/race.js'
import { allRaces } from './load.js'

const races = await allRaces()

/** The first kernel on which a race says that there is no such thing. */
const places = races.flatMap((race) => Object.entries(race.variants).flatMap(([name, variant]) => {
  const kernel = kernelNames.find((one) => 'absent' in expectOn(variant, one))
  return kernel ? [{ race, name, variant, kernel }] : []
}))

describe('what a race says is absent', () => {
  it.each(places.map((place) => [place.race.name, place.name, place.kernel, place] as const))('%s %s on %s', (_, name, kernel, { race, variant }) => {
    const arch = profilesOn(kernel).find((profile) => missingFeatures(race, profile.name, kernel).length === 0)!.name
    const steps = searched(race, name, conditionsOf(variant, arch, kernel))
    let step = steps.next()
    while (!step.done) step = steps.next()
    const { cell, loaded } = step.value
    expect(cell).toMatchObject({ verdict: 'absent', asExpected: true })
    const ids = [...variant.revert ?? [], ...variant.apply ?? []]
    const called = loaded!.automaton.called
    expect(ids.filter((id) => !isExecuted(changeById(id)!, changesIn(loaded!.program), called)), 'changes that nothing asks for').not.toEqual([])
  })
})
