import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { instrumentPlugin } from './src/instrument/vite.js'

const src = (file: string): string => path.resolve(import.meta.dirname, 'src', file)

export default defineConfig({
  plugins: [instrumentPlugin(import.meta.dirname)],
  resolve: {
    alias: [
      { find: /^mmrace\/engine$/, replacement: src('engine/index.ts') },
      { find: /^mmrace$/, replacement: src('index.ts') },
    ],
  },
  test: { setupFiles: ['test/setup.ts'], include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
