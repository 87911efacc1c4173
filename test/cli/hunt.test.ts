import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { mmrace } from './command.js'

describe('mmrace hunt', () => {
  it('finds what a kernel has and another has not, and writes it as a race', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hunt-'))
    const found = mmrace([
      'hunt', '--states', 'one page', '--ops', 'fork and write,pin', '--revert', '70e806e4e645', '--against', '6.1', '--arch', 's390', '--no-orders', '--save', folder,
    ])
    expect(found.status).toBe(1)
    expect(found.stdout).toContain('one page: fork and write | pin')
    const [file] = readdirSync(folder)
    const checked = mmrace(['check', path.join(folder, file!), '--arch', 's390', '--bug'])
    expect([checked.status, checked.stdout.slice(0, 8)]).toEqual([1, 'VIOLATED'])
    expect(mmrace(['check', path.join(folder, file!), '--arch', 's390']).stdout).toMatch(/^HOLDS/)
  })

  it('takes a change of the user’s, compares with a set of changes, and says what was compared with nothing', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hunt-'))
    const mine = path.join(folder, 'mine.ts')
    expect(mmrace(['init', mine, '--template', 'change']).status).toBe(0)
    const collapse = ['hunt', '--states', 'anon', '--ops', 'MADV_COLLAPSE,fast pin', '--arch', 's390', '--lanes', '2', '--no-draw', '--revert', '70cbc3cc78a9,2ba99c5e0881']
    expect(mmrace([...collapse, '--against', '6.1', '--workers', '2'])).toMatchObject({ status: 1, stdout: expect.stringContaining('MADV_COLLAPSE | fast pin') })
    expect(mmrace([...collapse, '--change', mine]).status).toBe(0)
    expect(mmrace([...collapse, '--against', '6.1,-70cbc3cc78a9,-2ba99c5e0881']).status).toBe(0)
    const idle = mmrace(['hunt', '--states', 'one page', '--ops', 'munmap', '--change', mine])
    expect(idle).toMatchObject({ status: 5, stdout: expect.stringContaining('mine changes nothing here: no scene executes it') })
  })

  it('holds where nothing is to be found', () => {
    const listing = path.join(mkdtempSync(path.join(tmpdir(), 'hunt-')), 'listing')
    expect(mmrace(['hunt', '--states', 'one page', '--ops', 'munmap,read', '--coverage', listing]).status).toBe(0)
    expect(readFileSync(listing, 'utf8')).toMatch(/never entered, by file:[^]*ksm_do_scan[^]*zap_pte_range\(\) {2}\d+ then/)
  })

  it.each([
    [['--ops', 'nonsense'], 'there is no operation "nonsense"'], [['--states', 'x'], 'there is no state "x"'],
    [['--lanes', '9'], '--lanes 9'], [['--budget', 'soon'], '--budget soon is not a time'], [['--against', '5.0'], 'there is no kernel "5.0"'],
    [['--against', '6.1,6.12'], 'names more than one kernel'], [['--against', '6.1,-5df397dec7c4'], 'does not have 5df397dec7c4'], [['--workers', '1.5'], '--workers 1.5'],
  ])('refuses %j', (flags, message) => {
    const { status, stderr } = mmrace(['hunt', ...flags])
    expect(status).toBe(2)
    expect(stderr).toContain(message)
  })
})
