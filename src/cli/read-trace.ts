import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../engine/errors.js'
import { escaped } from '../engine/shown.js'
import type { Race } from '../race/race.js'
import { parseTrace, type TraceFile } from '../trace/trace-file.js'
import { isFile } from './is-file.js'
import { ownChanges } from './own-changes.js'
import { loadRace } from './races.js'

/** More than any run has, and less than what would fill the memory. */
const LARGEST = 200_000_000

/** Reads a trace file. Throws a UserError that says what is wrong with it. */
export function readTrace(file: string): TraceFile {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) throw new UserError('no-file', `there is no file ${file}`, 'make one with mmrace check RACE --trace FILE')
  if (!stat.isFile() || stat.size > LARGEST) throw new UserError('bad-trace', `${file} is not a usable trace file: it is ${stat.isFile() ? 'too large' : 'no plain file'}`, 'make one with mmrace check RACE --trace FILE')
  return parseTrace(readFileSync(file, 'utf8'), file)
}

/**
 * The race of a trace, with the user's changes. A trace may come from anywhere, and race files and changes are programs: they
 * are run only when whoever reads the trace names them.
 */
export async function raceOfTrace(
  saved: TraceFile, file: string, command: string, { run, change }: { readonly run?: string; readonly change?: readonly string[] },
): Promise<Race> {
  const programs = [
    ...(isFile(saved.race) && run === undefined ? [{ file: saved.race, option: '--run' }] : []),
    ...(change === undefined ? saved.changes.map((used) => ({ file: used, option: '--change' })) : []),
  ]
  if (programs.length > 0) {
    const options = programs.map((program) => `${program.option} ${escaped(path.join(path.dirname(file), path.basename(program.file)))}`)
    const names = programs.map((program) => escaped(program.file)).join(' and ')
    throw new UserError('runs-a-file', `${file} is a run of ${names}, which ${programs.length > 1 ? 'are programs' : 'is a program'}`, `read what is to be run, then ${command} ${file} ${options.join(' ')}`)
  }
  return loadRace(run ?? saved.race, await ownChanges(change))
}
