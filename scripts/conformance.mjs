// Runs a directory of C litmus tests that the user has, e.g. the kernel's tools/memory-model/litmus-tests:
// npm run conformance -- DIR [--model sc|tso] [--compare expected.csv]
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, format: { type: 'string' }, compare: { type: 'string' } },
})
const command = new URL('../dist/src/cli/commands/litmus.js', import.meta.url)
if (!existsSync(command)) {
  console.error('there is no build: run `npm run build`')
  process.exit(2)
}
const { litmus } = await import(command)
try {
  process.exitCode = litmus(positionals, values, {
    stdout: (line) => console.log(line),
    stderr: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
  })
} catch (error) {
  if (!error.hint) throw error
  console.error(`${error.message}\n${error.hint}`)
  process.exitCode = 2
}
