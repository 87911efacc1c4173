import { readFile } from 'node:fs/promises'
import type { LoadHook, ResolveHook } from 'node:module'
import { fileURLToPath } from 'node:url'
import { exportedNames } from './exported-names.js'
import { mayHoldGenerators } from './model-code.js'
import { onDisk } from './on-disk.js'
import { CHECKER, RUNTIME } from './runtime.js'

/*
 * Hooks of Node's module loader, for files that a user wrote. They run in a thread of their own (see register.ts).
 * Whatever is imported as `mmrace` is the running package itself: two instances of its classes would not know each
 * other's objects.
 */

/** Of the package: this module is in its `dist`. */
const SOURCES = new URL('../src/', import.meta.url).href
const DIST = new URL('./', import.meta.url).href

const isTypeScript = (url: string): boolean => /\.m?ts$/.test(url)
const isUsers = (url: string | undefined): url is string =>
  url !== undefined && url.startsWith('file:') && !url.startsWith(DIST) && !url.includes('/node_modules/')

export const resolve: ResolveHook = async (specifier, context, next) => {
  const { parentURL } = context
  if (!isUsers(parentURL)) return next(specifier, context)
  if (specifier === 'mmrace' || specifier.startsWith('mmrace/')) {
    return next(specifier, { ...context, parentURL: import.meta.url })
  }
  if (!/^\.{0,2}\/|^file:/.test(specifier)) return next(specifier, context)
  const url = onDisk(new URL(specifier, parentURL))
  if (url.startsWith(SOURCES)) throw new Error(`${specifier} is a source of mmrace itself, which runs as it was built: import it from 'mmrace'`)
  return next(url, context)
}

export const load: LoadHook = async (url, context, next) => {
  if (!isUsers(url) || !/\.m?[jt]s$/.test(url)) return next(url, context)
  const filename = fileURLToPath(url)
  const code = await readFile(filename, 'utf8')
  const typescript = isTypeScript(url)
  if (!typescript && !mayHoldGenerators(code) && !code.includes('mmrace')) return next(url, context)
  const { instrument, withInlineMap } = await import('./instrument.js')
  const source = withInlineMap(instrument(code, { filename, typescript, runtime: RUNTIME, user: true, checker: CHECKER, exported: await exportedNames() }))
  return { format: 'module', source, shortCircuit: true }
}
