import { describe, expect, it } from 'vitest'
import { profileNames } from '../../src/machine/profiles/index.js'
import { fits } from '../../src/hunt/compose.js'
import { Checker } from '../../src/hunt/checker.js'
import { operations } from '../../src/hunt/operations/index.js'
import { raceOf } from '../../src/hunt/scene.js'
import { stateNamed, states } from '../../src/hunt/states/index.js'
import { boot } from '../../src/race/boot.js'
import { finish } from '../../src/race/check.js'
import { missingFeatures } from '../../src/race/features.js'

describe('catalogue', () => {
  it('has each name once', () => {
    for (const list of [operations, states]) expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
  })

  it('gives what it says', () => {
    for (const state of states.filter(({ since }) => since === undefined)) {
      let given: readonly string[] = []
      const operation = operations.find((one) => fits(one, state) && (one.by === 'child') === (state.childLane !== undefined))!
      const race = raceOf({ state, operations: [operation] })
      const arch = profileNames.find((name) => missingFeatures(race, name).length === 0)!
      boot({ ...race, setup: (k) => {
        const things = state.setup(k)
        given = Object.keys(things)
        return things
      } }, { arch })
      expect([state.name, ...given.toSorted()]).toEqual([state.name, ...state.gives.toSorted()])
    }
  })

  it('has a state for each operation', () => {
    expect(operations.filter((operation) => !states.some((state) => fits(operation, state))).map(({ name }) => name)).toEqual([])
  })

  it('has operations that violate nothing alone', () => {
    const checker = new Checker({ operations, kernel: {}, bounds: { states: 100_000, seconds: 30 } })
    const some = ['guest about to end', 'interval notifier', 'counts that come round', 'one page', 'with a child', 'shared clean', 'shared huge', 'buffer object']
    const bad = some.map(stateNamed).flatMap((state) => operations.filter((operation) => fits(operation, state))
      .map((operation) => finish(checker.check({ state, operations: [operation] }, 'arm64'))))
      .filter(({ verdict }) => verdict !== 'holds')
    expect(bad.map(({ state, operations, sightings, why }) => [state, ...operations, ...sightings.map(({ message }) => message), why])).toEqual([])
  })
})
