import { describe, expect, it } from 'vitest'
import { Loaded } from '../../src/engine/learn/loaded.js'
import { search } from '../../src/engine/search/explore.js'
import { Checker } from '../../src/hunt/checker.js'
import { scenesOf } from '../../src/hunt/compose.js'
import { operationNamed, operations } from '../../src/hunt/operations/index.js'
import { nameOf, raceOf } from '../../src/hunt/scene.js'
import { stateNamed } from '../../src/hunt/states/index.js'
import { boot } from '../../src/race/boot.js'
import { finish } from '../../src/race/check.js'

const bounds = { states: 100_000, seconds: 30 } as const

describe('Checker', () => {
  it.each([
    ['with a child', 'arm64', '09854ba94c6a', ['write', 'munmap', 'child splices', 'child writes']],
    ['anon', 'x86-pv', '9e52fc2b50de', ['munmap', 'mprotect read-only', 'fast pin', 'read-only pin']],
    ['anon', 's390', '70e806e4e645', ['fork and write', 'read', 'move_pages', 'pin']],
  ])('finds what a search of each scene alone finds: %s on %s', (name, arch, revert, some) => {
    const checker = new Checker({ operations, kernel: { revert: [revert] }, bounds })
    let violated = 0
    for (const scene of scenesOf(stateNamed(name), some.map(operationNamed), 2)) {
      const shared = finish(checker.check(scene, arch))
      const alone = finish(checker.onMachine(scene, (current) => search(new Loaded(boot(raceOf(current), { arch, revert: [revert] })), { ...bounds, all: true })))
      const oracles = alone.verdict === 'violated' ? alone.found.map(({ violation }) => violation.oracle) : []
      expect([nameOf(scene), shared.verdict, ...shared.sightings.map(({ oracle }) => oracle).toSorted()])
        .toEqual([nameOf(scene), alone.verdict, ...oracles.toSorted()])
      if (shared.verdict === 'violated') violated++
    }
    expect(violated).toBeGreaterThan(0)
  })
})
