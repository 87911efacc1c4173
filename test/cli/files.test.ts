import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmrace, root } from './command.js'

const RACE = 'gup-fast-vs-thp-collapse'
const bin = path.join(root, 'bin/mmrace.mjs')
let dir = ''
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mmrace-'))
  writeFileSync(path.join(dir, 'precious'), 'mine')
  symlinkSync('precious', path.join(dir, 'link'))
  mkdirSync(path.join(dir, 'site'))
  writeFileSync(path.join(dir, 'site/index.html'), 'mine')
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('what is to be written', () => {
  it.each([
    ['a checkpoint over something else', ['check', RACE, '--checkpoint', 'precious'], /precious exists, and is no checkpoint of mmrace/],
    ['a checkpoint through a link', ['check', RACE, '--checkpoint', 'link'], /link is a link/],
    ['a trace over something else', ['check', RACE, '--bug', '--trace', 'precious'], /precious exists, and is no trace of mmrace/],
    ['a page where there is no folder', ['check', RACE, '--html', 'no/where.html'], /no\/where\.html cannot be written/],
    ['a gallery over something else', ['gallery', 'site', RACE], /index\.html exists, and is no page of mmrace/],
    ['a checkpoint from a folder', ['check', RACE, '--resume', '.'], /not a usable checkpoint: it is no plain file/],
  ])('%s is refused before the search', (_, args, message) => {
    const run = mmrace(args, dir)
    expect(run.stderr).toMatch(message)
    expect([run.status, run.stdout]).toEqual([2, ''])
    expect(readFileSync(path.join(dir, 'precious'), 'utf8')).toBe('mine')
    expect(readFileSync(path.join(dir, 'site/index.html'), 'utf8')).toBe('mine')
    expect(readdirSync(dir).filter((file) => file.endsWith('.part'))).toEqual([])
  })
})

describe('a trace', () => {
  it('of a race file runs it only when that is asked for, and shows its name without control characters', () => {
    expect(mmrace(['init', 'my-race.ts'], dir).status).toBe(0)
    expect(mmrace(['check', 'my-race.ts', '--bug', '--no-orders', '--trace', 'run.json'], dir).status).toBe(1)
    const trace = readFileSync(path.join(dir, 'run.json'), 'utf8').replace('"my-race.ts"', JSON.stringify('/else/my-\u001B[2Jrace.ts'))
    writeFileSync(path.join(dir, 'run.json'), trace)
    const refused = mmrace(['replay', 'run.json'], dir)
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining(String.raw`/else/my-\u001b[2Jrace.ts, which is a program`) })
    expect(refused.stderr).not.toContain('\u001B')
    expect(mmrace(['replay', 'run.json', '--run', 'my-race.ts'], dir)).toMatchObject({ status: 1, stdout: expect.stringContaining('LOST WRITE') })
  })
})

describe('a process', () => {
  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('that gets %s saves, says so and ends', async (signal) => {
    const file = path.join(dir, `${signal}.ckpt`)
    const child = spawn(process.execPath, [bin, 'check', path.join(root, 'test/ui/many-states.ts'), '--no-reduce', '--checkpoint', file, '--checkpoint-seconds', '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.stdout.on('data', (data) => (out += String(data)))
    while (!existsSync(file) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill(signal)
    const status = await ended
    expect(out).toMatch(/^NOT FOUND {2}bounded: interrupted after/)
    expect(out).toContain('go on: mmrace check')
    expect(status).toBe(130)
  })

  it.each([
    ['ends it', 'process.exit(0)', /the race file ended the process\n {2}hint/],
    ['leaves an error to nobody', "Promise.reject(new Error('lost'))", /the model failed: lost\n {2}hint/],
    ['takes all memory', 'const all = []; for (;;) all.push(new Array(100_000).fill(1.5))', /there is no more memory\n {2}hint/],
  ])('with a race file that %s', (_, code, message) => {
    writeFileSync(path.join(dir, 'odd.ts'), `${code}\n${readFileSync(path.join(dir, 'my-race.ts'), 'utf8')}`)
    const { status, stderr } = spawnSync(process.execPath, ['--max-old-space-size=200', bin, 'check', 'odd.ts'], { cwd: dir, encoding: 'utf8' })
    expect(stderr).toMatch(message)
    expect(status).toBe(4)
  })
})
