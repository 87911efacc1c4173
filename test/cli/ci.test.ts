import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmrace, root } from './command.js'

let dir: string
const file = (name: string): string => path.join(dir, name)
const write = (name: string, text: string): void => writeFileSync(file(name), text)
const read = (name: string): string => readFileSync(file(name), 'utf8')

const SHARED = `import { atomic } from 'mmrace/engine'
export const setCell = (k) => ({ cell: k.kernel.cells.cell('count') })
export const add = function* (cell) { yield* atomic('one more', (m) => m.set(cell, m.get(cell) + 1)) }
export const take = function* (cell) { yield* atomic('one less', (m) => m.set(cell, m.get(cell) - 1)) }
`
const race = (name: string, fn: string): string => `import { holds, race, reach } from 'mmrace'
import { ${fn}, setCell } from './shared.js'
export default race({
  name: '${name}', title: 'a word', setup: setCell,
  cpus: { 'a': function* ({ cell }) { yield* ${fn}(cell); yield* reach('done') }, 'b': function* ({ cell }) { yield* ${fn}(cell) } },
  sometimes: ['done'], variants: { fixed: { expect: holds } },
})
`

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mmrace-ci-'))
  write('shared.js', SHARED)
  write('adds.js', race('adds', 'add'))
  write('takes.js', race('takes', 'take'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const matrix = (...args: string[]) => mmrace(['matrix', 'adds.js', 'takes.js', '--arch', 'arm64,s390', ...args], dir)
const last = ({ stdout }: { stdout: string }): string => stdout.trimEnd().split('\n').at(-1)!

describe('a cache', () => {
  it('has what nothing has changed, and not the races that run a function that has', () => {
    expect(last(matrix('--cache', 'kept'))).toBe('0 of 4 verdicts from kept')
    expect(last(matrix('--cache', 'kept'))).toBe('4 of 4 verdicts from kept')
    write('shared.js', SHARED.replace('m.get(cell) - 1', 'm.get(cell) - 2'))
    const run = matrix('--cache', 'kept', '--reporter', 'json=run.json')
    expect(last(run)).toBe('2 of 4 verdicts from kept')
    const { cases } = JSON.parse(read('run.json')) as { cases: { cell: { race: string }; cached?: true }[] }
    expect(cases.map(({ cell, cached }) => [cell.race, cached ?? false])).toEqual([['adds', true], ['adds', true], ['takes', false], ['takes', false]])
    write('shared.js', SHARED.replace("cell('count')", "cell('words')"))
    expect(last(matrix('--cache', 'kept'))).toBe('0 of 4 verdicts from kept')
    write('shared.js', SHARED)
  })

  it('is of the same options, and of searches that came to their end', () => {
    expect(last(matrix('--cache', 'kept', '--max-seconds', '30'))).toBe('0 of 4 verdicts from kept')
    expect(last(matrix('--cache', 'kept', '--kernel', '7.3'))).toBe('0 of 4 verdicts from kept')
  })

  it('knows which races run a function of the model', () => {
    const copy = file('copy')
    mkdirSync(copy)
    for (const part of ['bin', 'dist', 'package.json', 'docs/functions.md']) cpSync(path.join(root, part), path.join(copy, part), { recursive: true })
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))
    const races = ['gup-fast-vs-fork', 'dirty-mkwrite-vs-store', 'fence-wait-vs-signal']
    const run = (): { race: string; cached: boolean }[] => {
      const args = ['matrix', ...races, '--arch', 'arm64', '--cache', file('kept-copy'), '--reporter', 'json']
      const { stdout } = spawnCopy(copy, args)
      return (JSON.parse(stdout) as { cases: { cell: { race: string }; cached?: true }[] }).cases.map(({ cell, cached }) => ({ race: cell.race, cached: cached ?? false }))
    }
    run()
    const hashes = path.join(copy, 'dist/hashes.json')
    const { functions, ...rest } = JSON.parse(readFileSync(hashes, 'utf8')) as { functions: Record<string, string> }
    const name = Object.keys(functions).find((one) => one.endsWith(' gup_pte_range'))!
    expect(run().every(({ cached }) => cached)).toBe(true)
    writeFileSync(hashes, JSON.stringify({ ...rest, functions: { ...functions, [name]: 'another' } }))
    const again = new Set(run().filter(({ cached }) => !cached).map(({ race }) => race))
    expect([...again]).toEqual(['gup-fast-vs-fork'])
  })

  it('that somebody else has written to is begun anew', () => {
    mkdirSync(file('spoilt'))
    write('spoilt/verdicts.json', '{"format": "mmrace-cache", "version": 1, "verdicts": 3}')
    const run = matrix('--cache', 'spoilt')
    expect(run.stderr).toMatch(/not what mmrace has written/)
    expect(last(run)).toBe('0 of 4 verdicts from spoilt')
  })
})

const spawnCopy = (copy: string, args: readonly string[]): { stdout: string } => {
  const { stdout } = mmrace(args, dir, path.join(copy, 'bin/mmrace.mjs'))
  return { stdout }
}

describe('--last-failed', () => {
  it('is what was not as expected', () => {
    write('takes.js', race('takes', 'take').replace('holds }', "{ violates: 'deadlock', on: ['s390'] } }"))
    expect(matrix('--cache', 'failed').status).toBe(1)
    const again = matrix('--cache', 'failed', '--last-failed')
    expect(again.stdout).toMatch(/^takes[^]*s390 +holds !/)
    expect(again.stdout).not.toMatch(/adds|arm64/)
    write('takes.js', race('takes', 'take'))
    expect(matrix('--cache', 'failed', '--last-failed').status).toBe(0)
    expect(matrix('--cache', 'failed', '--last-failed')).toMatchObject({ status: 0, stdout: 'nothing to search\n' })
  })
})

describe('shards', () => {
  it('are put together to what one machine says', () => {
    const whole = matrix('--coverage')
    for (const i of [1, 2, 3]) expect(matrix('--shard', `${i}/3`, '--coverage', '--reporter', `json=shard-${i}.json`).status).toBe(0)
    const shards = [3, 1, 2].map((i) => `shard-${i}.json`)
    const merged = mmrace(['merge', ...shards, '--coverage', '--reporter', 'junit=all.xml', '--coverage-html', 'all.html'], dir)
    expect(merged).toEqual(whole)
    expect(read('all.xml')).toMatch(/tests="2"/)
    expect(read('all.html')).toMatch(/Coverage of the model/)
    expect(mmrace(['merge', ...shards.slice(1)], dir)).toMatchObject({ status: 2, stderr: expect.stringMatching(/1 of 4 verdicts are in none of the files/) as string })
    expect(mmrace(['merge', ...shards, shards[0]!], dir)).toMatchObject({ status: 2, stderr: expect.stringMatching(/has again what another file has/) as string })
    matrix('--kernel', '7.3', '--shard', '1/3', '--reporter', 'json=other.json')
    expect(mmrace(['merge', 'other.json', ...shards.slice(1)], dir)).toMatchObject({ status: 2, stderr: expect.stringMatching(/of another matrix/) as string })
    expect(mmrace(['merge', 'shared.js'], dir)).toMatchObject({ status: 2 })
  })
})

describe('coverage', () => {
  it('is of functions, branches, changes, and what was reached', () => {
    const { stdout } = matrix('--coverage')
    expect(stdout).toMatch(/^coverage of the model$/m)
    expect(stdout).toMatch(/^ {2}src\/kernel\/mm\/gup +0 of \d+ functions +0 of \d+ branches$/m)
    expect(stdout).toMatch(new RegExp(`^  ${dir.replaceAll('/', '\\/')} +6 of 6 functions`, 'm'))
    expect(stdout).toMatch(/^sometimes: 2 of 2 reached$/m)
  })
})

describe('--watch', () => {
  it('searches again what a file has changed', async () => {
    const child = spawn(process.execPath, [path.join(root, 'bin/mmrace.mjs'), 'matrix', 'adds.js', 'takes.js', '--arch', 'arm64', '--watch'], { cwd: dir })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    const seen = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(out)) await new Promise((resolve) => setTimeout(resolve, 50))
      out = ''
    }
    await seen(/2 races: 2 of 2 as history says/)
    await new Promise((resolve) => setTimeout(resolve, 500))
    write('takes.js', `${race('takes', 'take')}\n`)
    await seen(/^takes[^]*1 of 1 as history says/)
    await new Promise((resolve) => setTimeout(resolve, 500))
    write('shared.js', `${SHARED}\n`)
    await seen(/2 races: 2 of 2 as history says/)
    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130)
  })
})

it.each([
  [['--last-failed'], '--last-failed without --cache'],
  [['--shard', '3/2'], '--shard 3/2'],
  [['--change', 'shared.js', '--coverage'], '--coverage with --change'],
  [['--coverage', '--format', 'json'], '--coverage is a text beside tables'],
])('refuses %j', (args, message) => {
  expect(matrix(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) as string })
})

it('does not watch what does not change', () => {
  expect(mmrace(['matrix', 'dirty-cow', '--watch'])).toMatchObject({ status: 2, stderr: expect.stringContaining('without a race file') as string })
})
