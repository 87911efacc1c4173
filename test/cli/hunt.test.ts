import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { mmrace } from './command.js'

describe('mmrace hunt', () => {
  it('finds what a kernel has and another has not, and writes it as a race', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hunt-'))
    const found = mmrace([
      'hunt', '--states', 'one page', '--ops', 'fork*,pin', '--revert', '70e806e4e645', '--against', '6.1', '--arch', 's390', '--no-orders', '--save', folder,
    ])
    expect(found.status).toBe(1)
    expect(found.stdout).toContain('one page: fork and write | pin')
    const [file] = readdirSync(folder)
    const checked = mmrace(['check', path.join(folder, file!), '--arch', 's390', '--variant', 'fixed'])
    expect([checked.status, checked.stdout.slice(0, 8)]).toEqual([1, 'VIOLATED'])
  })

  it('holds where nothing is to be found', () => {
    expect(mmrace(['hunt', '--states', 'one page', '--ops', 'munmap,read']).status).toBe(0)
  })

  it.each([
    [['--ops', 'nonsense'], 'there is no operation "nonsense"'], [['--states', 'x'], 'there is no state "x"'],
    [['--lanes', '9'], '--lanes 9'], [['--budget', 'soon'], '--budget soon is not a time'], [['--against', '5.0'], 'there is no kernel "5.0"'],
  ])('refuses %j', (flags, message) => {
    const { status, stderr } = mmrace(['hunt', ...flags])
    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})
