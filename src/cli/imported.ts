import { messageOf, ModelError, UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { InstrumentError, type Missing } from '../instrument/error.js'
import { importUserCode } from '../instrument/register.js'

/** What a file of the user's exports. */
export async function imported(file: string): Promise<Record<string, unknown>> {
  try {
    return await inTime(importUserCode(file), file)
  } catch (cause) {
    if (cause instanceof UserError || cause instanceof ModelError) throw cause
    if (cause instanceof InstrumentError && cause.missing) {
      throw await noExport(`${cause.file}:${cause.line}:${cause.column}`, cause.missing)
    }
    if (cause instanceof InstrumentError) {
      const { file, line, column, problem, hint } = cause
      throw new UserError('bad-file', `${file}:${line}:${column}: ${problem}`, hint ?? 'mmrace cannot read the file as it is')
    }
    const text = messageOf(cause)
    const missing = /requested module '(mmrace[^']*)' does not provide an export named '([^']+)'/.exec(text)
    if (missing) throw await noExport(file, { module: missing[1]!, name: missing[2]! })
    throw new ModelError('threw', `${file} could not be loaded: ${text}`, 'the file is run as it is loaded; see the message for the place', { cause })
  }
}

async function noExport(place: string, { module, name }: Missing): Promise<UserError> {
  // As the user's file would import it: a list of all exports in the bundle would come with the model wherever that goes.
  const there = Object.keys((await import(import.meta.resolve(module))) as object)
  return new UserError('no-export', `${place}: ${module} has no ${name}`, nearestHint(name, there, 'docs/functions.md says what there is'))
}

/** Seconds that a file may take to load, while nothing runs. */
const LOADING = 20

/** A race file is a handful of declarations. One that waits for something at its top level may wait for ever. */
async function inTime<T>(loading: Promise<T>, file: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ModelError('does-not-close', `${file} is not loaded after ${LOADING} s`, 'look for an await at its top level')), LOADING * 1000)
  })
  try {
    return await Promise.race([loading, late])
  } finally {
    clearTimeout(timer)
  }
}
