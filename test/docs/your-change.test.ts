import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { mmrace, root } from '../cli/command.js'

const scratch = mkdtempSync(path.join(tmpdir(), 'mmrace-your-change-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const RACE = 'gup-fast-vs-thp-collapse'
const example = readFileSync(path.join(root, 'docs/examples/recheck-pmd.ts'), 'utf8')
const LOOK = "    if ((yield* load(pmdp, { label: 'pmd == *pmdp?' })) === pmd) return pages\n"

const written = (text: string): string => {
  writeFileSync(path.join(scratch, 'changed.ts'), text)
  return 'changed.ts'
}

describe('docs/your-change.md', () => {
  it('init writes what it shows', () => {
    expect(mmrace(['init', 'recheck-pmd.ts', '--template', 'change'], scratch).status).toBe(0)
    expect(readFileSync(path.join(scratch, 'recheck-pmd.ts'), 'utf8')).toBe(example)
  })

  it('it closes the race on every profile, and breaks none of its forms', () => {
    const { status, stdout } = mmrace(['matrix', RACE, '--change', 'recheck-pmd.ts'], scratch)
    expect(stdout).toMatch(/closes what was violated\n {2}gup-fast-vs-thp-collapse {2}bug/)
    expect(stdout).not.toContain('breaks')
    expect(status).toBe(0)
  })

  it('taken too early the look does not do', () => {
    const early = example.replace(LOOK, '').replace('    const pages', '    if ((yield* load(pmdp)) !== pmd) return []\n    const pages')
      .replace(/ {4}for .*\n {4}return \[\]\n/, '    return pages\n').replace(' gup_put_folio,', '')
    expect(mmrace(['check', RACE, '--bug', '--no-orders', '--change', written(early)], scratch)).toMatchObject({
      status: 1, stdout: expect.stringContaining('with recheck-pmd'),
    })
  })

  it('what nothing runs is named, and what is wrong with a file is said', () => {
    expect(mmrace(['check', 'ptdump-vs-munmap', '--change', 'recheck-pmd.ts'], scratch).stdout).toContain('recheck-pmd changes nothing here: no run executes it')
    const wrong = mmrace(['check', RACE, '--change', written(example.replace('[[gup_pte_range, ', '[[')) ], scratch)
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('change recheck-pmd: replace[0] is not a pair of functions') })
    expect(mmrace(['check', RACE, '--change', 'none.ts'], scratch)).toMatchObject({ status: 2, stderr: expect.stringContaining('no file none.ts') })
    const throwing = written(example.replace('    for (const', "    throw new Error('mine')\n    for (const"))
    const failed = mmrace(['check', RACE, '--bug', '--change', throwing], scratch)
    expect(failed.status).toBe(4)
    // The line and column of `new Error('mine')`.
    expect(failed.stderr).toMatch(/\n {4}at \S+ \(\S+changed\.ts:13:11\)/)
  })
})
