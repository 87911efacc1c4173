// Puts what commands print now into the `console` blocks of the docs. test/docs checks that they are up to date.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(path.join(tmpdir(), 'mmrace-docs-'))

function output(command) {
  const [program, ...args] = command.split(' ')
  const words = program === 'mmrace' ? [path.join(root, 'bin/mmrace.mjs'), ...args] : args
  const cwd = args[0] === 'init' ? scratch : root
  return spawnSync(process.execPath, words, { cwd, encoding: 'utf8' }).stdout
}

const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).filter((f) => f.endsWith('.md')).map((f) => `docs/${f}`)]
for (const page of pages) {
  const file = path.join(root, page)
  const text = readFileSync(file, 'utf8')
  const now = text.replaceAll(/^```console\n\$ (.*)\n[\s\S]*?^```$/gm, (_, command) => `\`\`\`console\n$ ${command}\n${output(command)}\`\`\``)
  if (now === text) continue
  writeFileSync(file, now)
  console.log(`updated ${page}`)
}
rmSync(scratch, { recursive: true })
