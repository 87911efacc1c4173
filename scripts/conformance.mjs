// Runs a directory of C litmus tests that the user has (docs/litmus.md says where they come from):
// npm run conformance -- DIR [--model sc|tso] [--compare expected.csv]
import { execFileSync } from 'node:child_process'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' })
const { main } = await import('../dist/main.js')
process.exitCode = await main(['litmus', ...process.argv.slice(2)])
