import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { ModelError, UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { shown } from '../engine/shown.js'
import { InstrumentError } from '../instrument/error.js'
import { importUserCode } from '../instrument/register.js'
import { isRace, type Race } from '../race/race.js'
import { isFile } from './is-file.js'

/** Beside the bundle, or where the compiler puts them. */
const BUILT_IN = ['races', '../../races'].map((place) => path.resolve(import.meta.dirname, place)).find((place) => existsSync(place))!

/** The names of the races that come with mmrace, in order. */
export const builtInRaces = (): string[] =>
  readdirSync(BUILT_IN).filter((file) => file.endsWith('.js')).map((file) => file.slice(0, -3)).toSorted()

/** Loads a race by its name, or from a file of the user's. */
export async function loadRace(nameOrFile: string): Promise<Race> {
  if (!isFile(nameOrFile)) return builtIn(nameOrFile)
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

async function imported(file: string): Promise<Record<string, unknown>> {
  try {
    return await importUserCode(file)
  } catch (cause) {
    if (cause instanceof UserError) throw cause
    if (cause instanceof InstrumentError) {
      const { file, line, column, problem, hint } = cause
      throw new UserError('bad-file', `${file}:${line}:${column}: ${problem}`, hint ?? 'mmrace cannot read the file as it is')
    }
    const text = cause instanceof Error ? cause.message : String(cause)
    const missing = /requested module '(mmrace[^']*)' does not provide an export named '([^']+)'/.exec(text)
    if (missing) {
      const there = Object.keys(missing[1] === 'mmrace' ? await import('../index.js') : await import('../engine/index.js'))
      throw new UserError('no-export', `${file}: ${missing[1]} has no ${missing[2]}`, nearestHint(missing[2]!, there, 'docs/writing-a-race.md says what there is'))
    }
    throw new ModelError('threw', `${file} could not be loaded: ${text}`, 'the file is run as it is loaded; see the message for the place', { cause })
  }
}
