import { profileNames } from '../../machine/profiles/index.js'
import type { Race } from '../../race/race.js'
import { oracleIds } from '../../race/race-oracles.js'
import type { RaceEntry, RaceInfo } from './view.js'

/** What a page can search, as plain data: known to the page before its checker runs. */
export interface Catalogue {
  readonly races: readonly RaceEntry[]
  readonly archs: readonly string[]
}

export const catalogueOf = (races: readonly Race[]): Catalogue => ({ races: races.map(raceEntry), archs: profileNames })

export const raceInfo = (race: Race): RaceInfo => ({
  ...raceEntry(race),
  references: race.references ?? [],
  variants: variantsOf(race).map((variant) => ({ ...variant, because: race.variants[variant.name]?.because })),
})

const raceEntry = (race: Race): RaceEntry => ({
  name: race.name,
  title: race.title,
  tags: [race.seed, race.bug, race.question].filter((tag) => tag !== undefined),
  sometimes: race.sometimes,
  oracles: oracleIds(race.oracles),
  variants: variantsOf(race),
})

const variantsOf = (race: Race): RaceEntry['variants'] =>
  Object.entries(race.variants).map(([name, { revert = [], apply = [], with: values = {} }]) => ({ name, revert, apply, with: values }))
