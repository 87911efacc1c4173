// Compiles the search core (src/engine/core/assembly) to WebAssembly and writes it as a TypeScript module, so that
// the engine needs neither files nor a bundler's help to load it.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'

const sources = 'src/engine/core/assembly'
const target = 'src/engine/core/wasm.generated.ts'

const time = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
const newest = Math.max(...readdirSync(sources).map((f) => time(`${sources}/${f}`)), time('scripts/build-core.mjs'))
if (time(target) < newest) {
  mkdirSync('build', { recursive: true })
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--initialMemory', '1', '-o', 'build/core.wasm']
  execFileSync('node_modules/.bin/asc', [`${sources}/index.ts`, ...flags], { stdio: 'inherit' })
  const base64 = readFileSync('build/core.wasm').toString('base64')
  writeFileSync(target, `// Made by scripts/build-core.mjs.\nexport const wasmBase64 = '${base64}'\n`)
}
