// Compiles the search core (src/engine/core/assembly) to WebAssembly and writes it as a TypeScript module, so that
// the engine needs neither files nor a bundler's help to load it: once alone, once for cores that share a memory.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'

const sources = 'src/engine/core/assembly'
const target = 'src/engine/core/wasm.generated.ts'

const ALONE = ['--initialMemory', '1']
const SHARED = ['--importMemory', '--sharedMemory', '--enable', 'threads', '--initialMemory', '16', '--maximumMemory', '65536', '--memoryBase', '64']

const compile = (name, flags) => {
  const file = `build/${name}.wasm`
  execFileSync('node_modules/.bin/asc', [
    `${sources}/index.ts`, '-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--enable', 'simd', ...flags, '-o', file,
  ], { stdio: 'inherit' })
  return readFileSync(file).toString('base64')
}

const time = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
const newest = Math.max(...readdirSync(sources).map((f) => time(`${sources}/${f}`)), time('scripts/build-core.mjs'))
if (time(target) < newest) {
  mkdirSync('build', { recursive: true })
  const lines = [
    '// Made by scripts/build-core.mjs.',
    `export const wasmBase64 = '${compile('core', ALONE)}'`,
    `export const sharedWasmBase64 = '${compile('core-shared', SHARED)}'`,
  ]
  writeFileSync(target, `${lines.join('\n')}\n`)
}
