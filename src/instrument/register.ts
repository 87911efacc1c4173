import { register } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { InstrumentError } from './error.js'

let registered = false

/**
 * Imports a user's `.ts` or `.js` file, with whatever it imports, as instrumented model code. What it imports as `mmrace`
 * is this package. Rejects with what the file threw, or with an InstrumentError when it cannot be parsed or has to be
 * refused.
 */
export const importUserCode = async (file: string): Promise<Record<string, unknown>> => {
  if (!registered) {
    register('./hooks.js', import.meta.url)
    process.setSourceMapsEnabled(true)
    registered = true
  }
  try {
    return (await import(pathToFileURL(path.resolve(file)).href)) as Record<string, unknown>
  } catch (error) {
    throw revived(error)
  }
}

/** Errors lose their class on the way here from the thread of the hooks. */
const revived = (error: unknown): unknown => {
  if (!(error instanceof Error) || error.name !== 'InstrumentError') return error
  const { problem, file, line, column, hint, missing } = error as InstrumentError
  return new InstrumentError(problem, file, line, column, hint, missing)
}
