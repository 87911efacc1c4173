import { ModelError, UserError } from '../engine/errors.js'
import { nearestHint } from '../engine/nearest.js'
import { InstrumentError } from '../instrument/error.js'
import { importUserCode } from '../instrument/register.js'

/** What a file of the user's exports. */
export async function imported(file: string): Promise<Record<string, unknown>> {
  try {
    return await inTime(importUserCode(file), file)
  } catch (cause) {
    if (cause instanceof UserError || cause instanceof ModelError) throw cause
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
