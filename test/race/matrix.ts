import { describe, expect, it } from 'vitest'
import { check } from '../../src/engine/search/explore.js'
import { profilesOn } from '../../src/machine/profiles/index.js'
import { missingFeatures } from '../../src/race/features.js'
import { boot } from '../../src/race/boot.js'
import { DEFAULT_KERNEL, type KernelName } from '../../src/machine/kernels.js'
import { conditionsOf } from '../../src/race/check.js'
import { expectOn, type Race, type Variant } from '../../src/race/race.js'
import { allRaces } from './load.js'

/** What an exhaustive search says on one profile: `holds`, or the ids of the oracles that are violated somewhere. */
function verdict(race: Race, variant: Variant, arch: string, kernel: KernelName) {
  const result = check(boot(race, conditionsOf(variant, arch, kernel)), { all: true })
  const found = result.verdict === 'violated' ? result.found.map((f) => f.violation.oracle) : result.verdict
  return { found, reached: result.stats.reached }
}

/** Every verdict of a part of the races: test files run beside each other. */
export async function testMatrix(part: number, parts: number): Promise<void> {
  testRaces((await allRaces()).filter((_, i) => i % parts === part), DEFAULT_KERNEL)
}

const has = (race: Race, kernel: KernelName): boolean => profilesOn(kernel).some(({ name }) => missingFeatures(race, name, kernel).length === 0)

/** Races of what the default kernel does not have, on these. */
export async function testNewer(kernels: readonly KernelName[]): Promise<void> {
  const races = (await allRaces()).filter((race) => !has(race, DEFAULT_KERNEL))
  for (const kernel of kernels) describe(kernel, () => testRaces(races, kernel))
}

/** Every verdict of these races on a kernel that has what they are about. */
function testRaces(races: readonly Race[], kernel: KernelName): void {
  describe.each(races.filter((race) => has(race, kernel)).map((race) => [race.name, race] as const))('%s', (_, race) => {
    it.each(Object.entries(race.variants))('%s', (_, variant) => {
      const history = expectOn(variant, kernel)
      const rows = profilesOn(kernel).filter(({ name }) => missingFeatures(race, name, kernel).length === 0).map(({ name }) => ({ name, ...verdict(race, variant, name, kernel) }))
      for (const { name, found } of rows) {
        const wanted = 'violates' in history && (history.on === 'all' || history.on.includes(name))
        if (wanted) expect(found, name).toContain(history.violates)
        else expect(found, name).toBe('holds')
      }
      for (const name of race.sometimes) expect(rows.some(({ reached }) => reached.includes(name)), name).toBe(!variant.never?.includes(name))
    })
  })
}
