import path from 'node:path'
import { instrument, isTypeScript } from './instrument.js'
import { holdsModelCode } from './model-code.js'

/** Vite plugin, for the tests of the package itself: instruments its model code. `root` is the package's directory. */
export const instrumentPlugin = (root: string) => ({
  name: 'mmrace-instrument',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    const filename = id.split('?')[0]!
    const displayName = path.relative(root, filename).replaceAll(path.sep, '/')
    if (!holdsModelCode(displayName, code)) return undefined
    const runtime = path.join(root, 'src/engine/model/at.ts')
    return instrument(code, { filename, typescript: isTypeScript(filename), runtime, displayName })
  },
})
