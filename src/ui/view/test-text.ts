import { traceText } from './trace-text.js'
import type { View } from './view.js'

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', ' ')}'`

/** A vitest test that replays the run and expects of it what it showed. */
export function testText(view: View): string {
  const { race, conditions, trace: { violation } } = view
  const name = `${race.name}, ${conditions.arch}: this interleaving is ${violation ? 'a violation' : 'harmless'}`
  return [
    "import { spawnSync } from 'node:child_process'",
    "import { mkdtempSync, writeFileSync } from 'node:fs'",
    "import { tmpdir } from 'node:os'",
    "import path from 'node:path'",
    "import { expect, test } from 'vitest'",
    '',
    `// ${violation ? `${violation.oracle}: ${violation.message.replaceAll('\n', ' ')}` : 'This interleaving violates nothing.'}`,
    `test(${quoted(name)}, () => {`,
    "  const file = path.join(mkdtempSync(path.join(tmpdir(), 'mmrace-')), 'trace.json')",
    '  writeFileSync(file, JSON.stringify(trace))',
    `  expect(spawnSync('npx', ['mmrace', 'replay', file]).status).toBe(${violation ? 1 : 3})`,
    '})',
    '',
    `const trace = ${traceText(view).trim()}`,
    '',
  ].join('\n')
}
