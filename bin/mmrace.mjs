#!/usr/bin/env node
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)
if (!existsSync(main)) {
  console.error('mmrace is not built yet.\n  hint: npm start, or npm run build after npm install')
  process.exit(2)
}
// Whoever reads the output may have seen enough of it: `| head`.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
const { main: run } = await import(main.href)
process.exitCode = await run(process.argv.slice(2))
