import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { instrumentPlugin } from './src/instrument/vite.js'

const src = (file: string): string => path.resolve(import.meta.dirname, 'src', file)

/** What a transformed module depends on besides its own text: kept modules are of one form of the transform. */
const transform = createHash('sha256')
for (const file of [...readdirSync(src('instrument')).map((name) => src(`instrument/${name}`)), path.resolve(import.meta.dirname, 'package-lock.json')]) transform.update(readFileSync(file))

export default defineConfig({
  plugins: [instrumentPlugin(import.meta.dirname)],
  resolve: {
    alias: [
      { find: /^mmrace\/engine$/, replacement: src('engine/index.ts') },
      { find: /^mmrace$/, replacement: src('index.ts') },
    ],
  },
  test: {
    // Otherwise one core of two waits.
    maxWorkers: '100%', setupFiles: ['test/setup.ts'], include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000,
    experimental: { fsModuleCache: true, fsModuleCachePath: `node_modules/.cache/modules-${transform.digest('hex').slice(0, 16)}` },
  },
})
