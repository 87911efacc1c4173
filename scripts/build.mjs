// Builds dist/: compiles the WebAssembly core and the TypeScript, then instruments the model code (docs/model-code.md) and
// bundles the page (docs/ui.md).
// Types are checked by `npm run typecheck`, not here.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { buildUi } from './build-ui.mjs'

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
/** The same without the plain forms of model code, which the page has no use for. */
const forPage = path.join(root, 'build/page')
const require = createRequire(import.meta.url)

const compile = () => {
  execFileSync(process.execPath, [path.join(root, 'scripts/build-core.mjs')], { cwd: root, stdio: 'inherit' })
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
}

const instrument = async (folder, steps) => {
  const { instrumentBuild } = await import('../dist/src/instrument/build.js')
  instrumentBuild(folder, steps)
}

for (const folder of [dist, forPage]) rmSync(folder, { recursive: true, force: true })
compile()
cpSync(dist, forPage, { recursive: true })
await instrument(dist, false)
await instrument(forPage, true)
await buildUi(root, forPage)
