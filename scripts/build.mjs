// Builds dist/: compiles the WebAssembly core and the TypeScript, then instruments the model code (docs/model-code.md) and
// bundles the page (docs/ui.md).
// Types are checked by `npm run typecheck`, not here.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { buildUi } from './build-ui.mjs'

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const require = createRequire(import.meta.url)

const compile = () => {
  execFileSync(process.execPath, [path.join(root, 'scripts/build-core.mjs')], { cwd: root, stdio: 'inherit' })
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
}

const instrument = async () => {
  const { instrumentBuild } = await import('../dist/src/instrument/build.js')
  instrumentBuild(dist)
}

rmSync(dist, { recursive: true, force: true })
compile()
await instrument()
await buildUi(root)
