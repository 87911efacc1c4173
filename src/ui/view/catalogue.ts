import { profileNames } from '../../machine/profiles/index.js'
import type { Race } from '../../race/race.js'
import { oracleIds } from '../../race/race-oracles.js'
import type { RaceInfo } from './view.js'

/** What a page can search, as plain data: known to the page before its checker runs. */
export interface Catalogue {
  readonly races: readonly RaceInfo[]
  readonly archs: readonly string[]
}

export const catalogueOf = (races: readonly Race[]): Catalogue => ({ races: races.map(raceInfo), archs: profileNames })

export const raceInfo = (race: Race): RaceInfo => ({
  name: race.name,
  title: race.title,
  tags: [race.seed, race.bug, race.question].filter((tag) => tag !== undefined),
  references: race.references ?? [],
  sometimes: race.sometimes,
  oracles: oracleIds(race.oracles),
  variants: Object.entries(race.variants).map(([name, { revert = [], apply = [], with: values = {}, because }]) => ({ name, revert, apply, with: values, because })),
})
