import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mmrace } from './command.js'

const RACE = ['check', 'mremap-vs-truncate', '--no-sleep']
let dir = ''

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mmrace-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const check = (...options: string[]) => mmrace([...RACE, ...options], dir)

describe('a search of a race', () => {
  it('goes on where it stopped, and comes to the same', () => {
    const whole = check()
    const first = check('--max-states', '5000', '--checkpoint', 'a.ckpt')
    expect(first.status).toBe(3)
    expect(first.stdout).toMatch(/go on: mmrace check mremap-vs-truncate --arch arm64 --no-sleep --resume a.ckpt/)
    const more = check('--max-states', '12000', '--resume', 'a.ckpt', '--checkpoint', 'a.ckpt')
    expect(more.stdout).toContain('stopped at 12,000 states')
    expect(check('--resume', 'a.ckpt')).toEqual(whole)
    const two = check('--resume', 'a.ckpt', '--workers', '2')
    expect([two.status, two.stderr, /exhaustive: ([\d,]+) states/.exec(two.stdout)?.[1]])
      .toEqual([0, '', /exhaustive: ([\d,]+) states/.exec(whole.stdout)![1]])
  })

  it.each([
    ['on another profile', ['--resume', 'a.ckpt', '--arch', 's390'], /checkpoint of another search\n {2}hint: it goes on with mmrace check .*--arch arm64/],
    ['on two profiles', ['--resume', 'a.ckpt', '--arch', 's390,arm64'], /a checkpoint is of one profile\n {2}hint/],
    ['from nothing', ['--resume', 'b.ckpt'], /no file b.ckpt\n {2}hint/],
    ['from something else', ['--resume', 'else.ckpt'], /not a usable checkpoint: it is something else\n {2}hint/],
    ['from a file that was cut off', ['--resume', 'cut.ckpt'], /not a usable checkpoint: its end is missing\n {2}hint/],
    ['into a folder that is not there', ['--checkpoint', 'no/where.ckpt'], /no\/where.ckpt cannot be written.*\n {2}hint/],
  ])('does not go on %s', (_, options, text) => {
    const file = readFileSync(path.join(dir, 'a.ckpt'))
    writeFileSync(path.join(dir, 'cut.ckpt'), file.subarray(0, 50_000))
    writeFileSync(path.join(dir, 'else.ckpt'), '{}')
    const run = check(...options)
    expect(run.stderr).toMatch(text)
    expect(run.status).toBe(2)
  })
})
