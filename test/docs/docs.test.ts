import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mmrace, root } from '../cli/command.js'

const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).filter((f) => f.endsWith('.md')).map((f) => `docs/${f}`)]
const scratch = mkdtempSync(path.join(tmpdir(), 'mmrace-docs-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Files in docs/examples that a page shows in full. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['mutual-exclusion.ts'],
  'docs/your-driver.md': ['eviction.ts', 'removed-device.ts', 'mm-of-a-work.ts', 'shadow-mmu.ts', 'ats-device.ts'],
  'docs/your-change.md': ['recheck-pmd.ts'],
}

/** The `console` blocks of a page: what was typed, and what came out. */
const consoles = (page: string): (readonly [command: string, output: string])[] =>
  [...readFileSync(path.join(root, page), 'utf8').matchAll(/^```console\n\$ (.*)\n([\s\S]*?)^```$/gm)].map(([, command, output]) => [command!, output!])

/** Files that a command writes go to a scratch folder; everything else runs in the checkout. */
function output(command: string): string {
  const [program, ...args] = command.split(' ')
  if (program === 'mmrace') return mmrace(args, args[0] === 'init' ? scratch : root).stdout
  if (program === 'node') return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).stdout
  throw new Error(`the docs show a command that the tests cannot run: ${command}`)
}

describe.each(pages)('%s', (page) => {
  it('shows what its commands print', () => {
    for (const [command, shown] of consoles(page)) expect(output(command), command).toBe(shown)
  })

  it('shows files as they are', () => {
    const text = readFileSync(path.join(root, page), 'utf8')
    for (const file of SHOWN[page] ?? []) expect(text, file).toContain(readFileSync(path.join(root, 'docs/examples', file), 'utf8'))
  })
})
