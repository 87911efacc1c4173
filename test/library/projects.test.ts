import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../cli/command.js'

/** A project of somebody's, with a race of its own and mmrace among its dependencies. */
let project: string

const RACE = `import { holds, race, reach, violates } from 'mmrace'
import { atomic } from 'mmrace/engine'

const add = function* (cell: number) {
  yield* atomic('one more', (m) => m.set(cell, m.get(cell) + 1))
}

export default race<{ cell: number }, { wrong: boolean }>({
  name: 'counter',
  title: 'two CPUs add to a word',
  setup: (k) => ({ cell: k.kernel.cells.cell('count') }),
  cpus: {
    'a': function* ({ cell }) { yield* add(cell); yield* reach('added') },
    'b': function* ({ cell }) { yield* add(cell) },
  },
  sometimes: ['added'],
  variants: { fixed: { expect: holds }, EXTRA },
})
`

beforeAll(() => {
  project = mkdtempSync(path.join(tmpdir(), 'mmrace-project-'))
  mkdirSync(path.join(project, 'node_modules'))
  mkdirSync(path.join(project, 'races'))
  symlinkSync(root, path.join(project, 'node_modules/mmrace'))
  for (const name of ['vitest', 'vite']) symlinkSync(path.join(root, 'node_modules', name), path.join(project, 'node_modules', name))
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'project', type: 'module' }))
  writeFileSync(path.join(project, 'races/counter.ts'), RACE.replace(', EXTRA', ''))
  writeFileSync(path.join(project, 'wrong.ts'), RACE.replace('EXTRA', "bug: { with: { wrong: true }, expect: violates('deadlock', 'all') }"))
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

const write = (file: string, text: string): void => writeFileSync(path.join(project, file), text)

const run = (...args: string[]): { status: number | null; text: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1', NODE_TEST_CONTEXT: undefined } as NodeJS.ProcessEnv })
  return { status, text: stdout + stderr }
}

describe('a project with vitest', () => {
  it('has matchers, and a suite of its races', () => {
    write('vitest.config.ts', "import { mmrace } from 'mmrace/vite'\nexport default { plugins: [mmrace()], test: { include: ['*.test.ts'], testTimeout: 60_000 } }\n")
    write('races.test.ts', `import { expect, test } from 'vitest'
import { mmraceSuite } from 'mmrace/vitest'
import counter from './races/counter.ts'
mmraceSuite('races/**/*.ts', { archs: ['arm64', 's390'], kernels: ['6.1', '7.3'] })
test('matchers', async () => {
  await expect(counter).toHold({ kernel: '6.12', arch: 's390' })
  await expect('races/counter.ts').toHold()
  await expect('gup-fast-vs-thp-collapse').toViolate('O6')
  await expect('gup-fast-vs-thp-collapse').not.toHold({ variant: 'bug' })
  await expect('gup-fast-vs-thp-collapse').not.toViolate('O6', { arch: 'x86-native' })
})
test('fails 1', () => expect('gup-fast-vs-thp-collapse').toHold({ variant: 'bug' }))
test('fails 2', () => expect(counter).toViolate('O6'))
mmraceSuite('wrong.ts', { archs: ['arm64'] })
`)
    const { status, text } = run(path.join(project, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter', 'verbose')
    expect(text).toMatch(/✓ .*races\/counter\.ts > fixed {2}arm64 {2}Linux 6\.1/)
    expect(text).toMatch(/✓ .*fixed {2}s390 {2}Linux 7\.3/)
    expect(text).toMatch(/✓ .*matchers/)
    expect(text).toMatch(/gup-fast-vs-thp-collapse is expected to hold on arm64, Linux 6\.1\n[^]*CPU A {2}khugepaged +CPU B {2}gup_fast[^]*LOST WRITE/)
    expect(text).toMatch(/counter is expected to violate O6[^]*HOLDS {2}in every interleaving/)
    expect(text).toMatch(/counter should violate deadlock: variant bug on arm64, Linux 6\.1\n\nHOLDS/)
    expect(text).toMatch(/Tests {2}3 failed \| 6 passed/)
    expect(status).toBe(1)
  })
})

describe('a project with node:test', () => {
  it('has assertions, and a suite of its races', () => {
    write('races.test.mjs', `import test from 'node:test'
import { assertHolds, assertViolates, mmraceSuite } from 'mmrace/node-test'
mmraceSuite('races/**/*.ts', { archs: ['arm64', 's390'] })
mmraceSuite('wrong.ts', { archs: ['arm64'], variants: ['bug'] })
test('assertions', async () => {
  await assertHolds('races/counter.ts', { arch: 's390' })
  await assertViolates('gup-fast-vs-thp-collapse', 'O6')
})
test('fails', () => assertHolds('gup-fast-vs-thp-collapse', { variant: 'bug' }))
`)
    const { status, text } = run('--test', '--test-reporter', 'tap', 'races.test.mjs')
    expect(text).toMatch(/ok \d+ - fixed {2}arm64 {2}Linux 6\.1/)
    expect(text).toMatch(/\n *ok \d+ - assertions/)
    expect(text).toMatch(/counter should violate deadlock: variant bug/)
    expect(text).toMatch(/is expected to hold on arm64[^]*LOST WRITE/)
    expect(text).toMatch(/# pass 3\n# fail 2/)
    expect(status).toBe(1)
  })
})

describe('types of a project', () => {
  it('are there for all that is exported', () => {
    write('typed.ts', `import { checkMatrix, checkRace, type Verdict } from 'mmrace/check'
import { loadRace } from 'mmrace/node'
import { mmrace } from 'mmrace/vite'
import gup from 'mmrace/races/gup-fast-vs-thp-collapse'
import { expect } from 'vitest'
import 'mmrace/vitest'
import { assertHolds } from 'mmrace/node-test'
const verdict: Verdict = await checkRace(await loadRace('x'), { arch: 'arm64', signal: new AbortController().signal, onProgress: ({ states }) => console.log(states) })
const cells: readonly { verdict: string }[] = (await checkMatrix([gup])).cells
await expect(gup).toHold({ kernel: '6.1', arch: 'arm64' })
await expect(gup).toViolate('O6')
await assertHolds(gup)
// @ts-expect-error: there is no such option
await checkRace(gup, { cpu: 'arm64' })
export const all = [verdict.report(), cells, mmrace().name]
`)
    const { status, text } = run(path.join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'typed.ts')
    expect(text).toBe('')
    expect(status).toBe(0)
  })
})

describe('what is documented', () => {
  it.each(['check.mjs', 'matrix.mjs'])('docs/examples/library/%s runs', (file) => {
    const from = path.join(root, 'docs/examples/library', file)
    expect(readFileSync(path.join(root, 'docs/library.md'), 'utf8')).toContain(readFileSync(from, 'utf8'))
    cpSync(from, path.join(project, file))
    expect(run(file)).toMatchObject({ status: 0 })
  })
})
