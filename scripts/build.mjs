// Builds dist/: compiles the WebAssembly core and the TypeScript, instruments the model code (docs/model-code.md), and bundles
// all of it for Node and for the page (docs/ui.md).
// Types are checked by `npm run typecheck`, not here.
//   node scripts/build.mjs [--dense]     dense: compressed as well as can be, for a package that goes elsewhere
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { buildNode } from './build-node.mjs'
import { buildUi } from './build-ui.mjs'

const root = path.resolve(import.meta.dirname, '..')
/** File by file: what is bundled, and what tests and benchmarks take single modules from. */
const compiled = path.join(root, 'build/compiled')
/** The same without the plain forms of model code, which the page has no use for. */
const forPage = path.join(root, 'build/page')
const require = createRequire(import.meta.url)

const compile = () => {
  execFileSync(process.execPath, [path.join(root, 'scripts/build-core.mjs')], { cwd: root, stdio: 'inherit' })
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
}

const instrument = async (folder, steps) => {
  const { instrumentBuild } = await import('../build/compiled/src/instrument/build.js')
  instrumentBuild(folder, steps)
}

for (const folder of [path.join(root, 'dist'), compiled, forPage]) rmSync(folder, { recursive: true, force: true })
compile()
// What imports `mmrace` there means what is there.
writeFileSync(path.join(compiled, 'package.json'), JSON.stringify({
  name: 'mmrace', type: 'module', exports: { '.': './src/index.js', './engine': './src/engine/index.js' },
}))
cpSync(compiled, forPage, { recursive: true })
await instrument(compiled, false)
await instrument(forPage, true)
await buildNode(root, compiled)
await buildUi(root, forPage, process.argv.includes('--dense'))
