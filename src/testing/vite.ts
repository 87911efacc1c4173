// `mmrace/vite`: a plugin that instruments race files, for pages that Vite bundles and for tests that import them (docs/library.md).
import { instrument, isTypeScript } from '../instrument/instrument.js'
import { exportedNames } from '../instrument/exported-names.js'
import { CHECKER, RUNTIME } from '../instrument/runtime.js'

/** From mmrace, and so a race file, or one with functions for several. */
const IMPORTS_US = /from\s*['"]mmrace(\/engine)?['"]/

/** Vite plugin: what `mmrace check` does to a race file before it runs it. */
export const mmrace = () => ({
  name: 'mmrace',
  enforce: 'pre' as const,
  async transform(code: string, id: string) {
    const filename = id.split('?')[0]!
    if (!/\.m?[jt]s$/.test(filename) || filename.includes('/node_modules/') || !IMPORTS_US.test(code)) return undefined
    // A page has no files to look up the kinds of arguments in.
    const checker = process.env['VITEST'] === undefined ? undefined : CHECKER
    return instrument(code, { filename, typescript: isTypeScript(filename), runtime: RUNTIME, user: true, checker, exported: await exportedNames() })
  },
})
