import { globSync } from 'tinyglobby'
import { loadRace } from '../cli/races.js'
import { UserError } from '../engine/errors.js'
import { checkRace } from '../library/check-race.js'
import { inSlices } from '../library/in-slices.js'
import { type Place, placesOf, type Wanted } from '../library/places.js'
import { cellOf } from '../race/cell.js'
import { type Expectation, expectOn, type Race } from '../race/race.js'

/** Which tests to make of each race, and how long one may take. */
export interface SuiteOptions extends Wanted {
  /** The most that one search may take; default 60. */
  readonly seconds?: number
}

/** How a test runner makes groups and tests. */
export interface Runner {
  describe(name: string, body: () => Promise<void>): void
  test(name: string, milliseconds: number, body: () => Promise<void>): void
}

const DEFAULT_SECONDS = 60
/** Of a test beyond its search: where something is wrong, the run that is easiest to read is looked for. */
const MORE_SECONDS = 60

/** A test of every race × variant × kernel × profile: the verdict is what the race says. The message of one that fails has the table. */
export function raceSuite(files: string | readonly string[], { seconds = DEFAULT_SECONDS, ...wanted }: SuiteOptions, { describe, test }: Runner): void {
  const found = globSync(typeof files === 'string' ? [files] : [...files]).toSorted()
  if (found.length === 0) throw new UserError('no-race', `no file is called ${String(files)}`, 'give a pattern such as races/**/*.ts, as seen from the working directory')
  for (const file of found) {
    describe(file, async () => {
      const race = await loadRace(file)
      for (const place of placesOf(race, wanted)) {
        test(`${place.variant}  ${place.arch}  Linux ${place.kernel}`, (seconds + MORE_SECONDS) * 1000, () => asTheRaceSays(race, place, seconds))
      }
    })
  }
}

async function asTheRaceSays(race: Race, place: Place, seconds: number): Promise<void> {
  const { variant, arch, kernel } = place
  const cell = await inSlices(cellOf(race, variant, arch, kernel, { seconds }))
  if (cell.asExpected) return
  const verdict = await checkRace(race, { ...place, seconds })
  throw new Error(`${race.name} should ${said(expectOn(race.variants[variant]!, kernel), arch)}: variant ${variant} on ${arch}, Linux ${kernel}\n\n${verdict.report()}`)
}

const said = (expected: Expectation, arch: string): string =>
  ('violates' in expected && (expected.on === 'all' || expected.on.includes(arch)) ? `violate ${expected.violates}` : 'hold')
