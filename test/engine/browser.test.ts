import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'vite'
import { expect, it } from 'vitest'

it('the engine bundles for a browser, with nothing of Node in it', async () => {
  const outDir = mkdtempSync(path.join(tmpdir(), 'mmrace-engine-'))
  const entry = path.resolve(import.meta.dirname, '../../src/engine/index.ts')
  await build({ logLevel: 'error', configFile: false, build: { lib: { entry, formats: ['es'], fileName: 'engine' }, outDir, minify: false } })
  const code = readFileSync(path.join(outDir, 'engine.js'), 'utf8')
  rmSync(outDir, { recursive: true })
  expect(code).not.toMatch(/from ['"]node:|require\(|process\./)
  expect(code).toContain('WebAssembly')
})
