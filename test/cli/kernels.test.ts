import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mmrace } from './command.js'

const dir = mkdtempSync(path.join(tmpdir(), 'mmrace-kernels-'))
afterAll(() => rmSync(dir, { recursive: true }))

const RACE = 'mremap-vs-retraction'

describe('kernels', () => {
  it('are listed and explained', () => {
    expect(mmrace(['list', 'kernels']).stdout).toMatch(/^6\.1 +Linux 6\.1\.192: \d+ changes since it or before; programs were recorded on it\n6\.12 /)
    expect(mmrace(['explain', '6.12']).stdout).toMatch(/^Linux 6\.12\.117\n\n {2}\d+ changes since 6\.1\n/)
    expect(mmrace(['explain', '6.12']).stdout).toContain('5df397dec7c4  mm: delay page_remove_rmap()')
    expect(mmrace(['explain', '5df397de']).stdout).toContain('Linux 6.2, in our kernels since 6.12')
  })

  it('a race has a history, and a change that turned it', () => {
    const { stdout, status } = mmrace(['history', 'zap-vs-page-mkclean', '--arch', 'arm64,s390'])
    expect(stdout).toMatch(/arm64 +O7 +holds +holds +holds\n +s390 +holds +holds +holds +holds\n/)
    expect(stdout).toContain('6.12: 5df397dec7c4 mm: delay page_remove_rmap()')
    expect(status).toBe(0)
  })

  it('a run is on the one that is asked for, and says so in its file', () => {
    const trace = path.join(dir, 'run.json')
    const run = mmrace(['check', RACE, '--kernel', '6.12', '--bug', '--no-orders', '--trace', trace])
    expect(run.stdout).toContain(`${RACE}  arm64  Linux 6.12  bug: without 6fa1066fc5d0`)
    expect(JSON.parse(readFileSync(trace, 'utf8'))).toMatchObject({ kernel: '6.12', revert: ['6fa1066fc5d0'], changes: [] })
    expect(mmrace(['replay', trace]).status).toBe(1)
  })

  it('a matrix has a table for each', () => {
    const { stdout } = mmrace(['matrix', RACE, '--arch', 'arm64', '--kernels', '6.1,6.12'])
    expect(stdout).toMatch(/Linux 6\.1 [\s\S]*Linux 6\.12 /)
  })
})
