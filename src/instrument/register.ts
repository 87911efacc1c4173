import { register } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

let registered = false

/**
 * Imports a user's `.ts` or `.js` file, with whatever it imports, as instrumented model code. What it imports as `mmrace`
 * is this package. Rejects with what the file threw, or with an error whose message starts with `file:line:column:`
 * when it cannot be parsed or has to be refused.
 */
export const importUserCode = async (file: string): Promise<Record<string, unknown>> => {
  if (!registered) {
    register('./hooks.js', import.meta.url)
    process.setSourceMapsEnabled(true)
    registered = true
  }
  return (await import(pathToFileURL(path.resolve(file)).href)) as Record<string, unknown>
}
