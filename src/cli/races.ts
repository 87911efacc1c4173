import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import type { Change } from '../kernel/changes/change.js'
import { isRace, type Race, withChanges } from '../race/race.js'
import { imported } from './imported.js'
import { isFile } from './is-file.js'

/** Beside the bundle, or where the compiler puts them. */
const BUILT_IN = ['races', '../../races'].map((place) => path.resolve(import.meta.dirname, place)).find((place) => existsSync(place))!

/** The names of the races that come with mmrace, in order. */
export const builtInRaces = (): string[] =>
  readdirSync(BUILT_IN).filter((file) => file.endsWith('.js')).map((file) => file.slice(0, -3)).toSorted()

/** Loads a race by its name, or from a file of the user's; with changes of the user's, of which some are put in. */
export async function loadRace(nameOrFile: string, changes: readonly Change[] = []): Promise<Race> {
  const race = isFile(nameOrFile) ? await ofUser(nameOrFile) : await builtIn(nameOrFile)
  return changes.length === 0 ? race : withChanges(race, changes)
}

async function ofUser(nameOrFile: string): Promise<Race> {
  if (!existsSync(nameOrFile) || !statSync(nameOrFile).isFile()) {
    throw new UserError('no-file', `there is no file ${nameOrFile}`, 'mmrace init my-race.ts writes one to start from')
  }
  const { default: race } = await imported(nameOrFile)
  if (!isRace(race)) {
    throw new UserError('no-race', `${nameOrFile} does not export a race as default`, 'export default race({ name: … }): what race() gives, as it is')
  }
  return race
}

async function builtIn(name: string): Promise<Race> {
  const names = builtInRaces()
  if (!names.includes(name)) {
    const close = names.filter((n) => n.includes(name)).slice(0, 4)
    const hint = close.length > 0 ? `did you mean ${close.join(' or ')}?` : nearestHint(name, names, 'mmrace list shows those there are')
    throw new UserError('unknown-race', `there is no race ${shown(name)}`, hint)
  }
  return ((await import(pathToFileURL(path.join(BUILT_IN, `${name}.js`)).href)) as { default: Race }).default
}
