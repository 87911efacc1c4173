import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/kernel/changes/change.js'
import { changeCellOf } from '../../src/race/change-cell.js'
import { finish } from '../../src/race/check.js'
import { changeReport, turnOf } from '../../src/trace/change-report.js'
import { allRaces } from './load.js'

const races = await allRaces()

/** Files as a user would write them: each replaces one function, and turns a verdict of a race. */
const TURNS = [
  ['try_grab_folio', 'gup-fast-vs-thp-collapse', 'fixed', 'arm64', 'breaks'],
  ['gup_pte_range', 'gup-fast-vs-thp-collapse', 'bug', 'arm64', 'closes'],
  ['zap_pte_range', 'unmap-mapping-vs-munmap', 'bug', 'x86-native', 'closes'],
  ['unmap_page_range', 'unmap-mapping-vs-munmap', 'bug', 'x86-native', 'closes'],
  ['do_wp_page', 'vmsplice-vs-cow-reuse', 'bug', 'arm64', 'closes'],
  ['change_pmd_range', 'reclaim-vs-mprotect', 'bug', 'x86-native', 'closes'],
  ['try_to_unmap_one', 'reclaim-vs-mprotect', 'fixed', 'x86-native', 'breaks'],
  ['__split_huge_pmd_locked', 'thp-reuse-vs-split', 'fixed', 'arm64', 'breaks'],
] as const

const MOST_LINES = 15

const changeOf = async (name: string): Promise<Change> =>
  ((await import(path.join(import.meta.dirname, 'replacements', `${name}.ts`))) as { default: Change }).default

const cellWith = (change: Change, race: string, variant: string, arch: string) =>
  finish(changeCellOf(races.find(({ name }) => name === race)!, variant, arch, '6.1', [change]))

describe('a user replaces', () => {
  it.each(TURNS)('%s, in %s %s on %s, which %s it', async (name, race, variant, arch, turn) => {
    const change = await changeOf(name)
    const cell = cellWith(change, race, variant, arch)
    expect(turnOf(cell)).toBe(turn)
    expect(cell.executed).toEqual([change.id])
    const lines = readFileSync(path.join(import.meta.dirname, 'replacements', `${name}.ts`), 'utf8').split('\n').filter((line) => line !== '')
    expect(lines.length).toBeLessThanOrEqual(MOST_LINES)
  })

  it('what no run comes by, and is told', async () => {
    const change = await changeOf('try_to_unmap_one')
    const cell = cellWith(change, 'gup-fast-vs-thp-collapse', 'fixed', 'arm64')
    expect(turnOf(cell)).toBe('none')
    expect(changeReport([change.id], [cell])).toContain('drop-dirty changes nothing here: no run executes it')
  })

  it('what turns verdicts, and is told which way', async () => {
    const change = await changeOf('gup_pte_range')
    const cells = ['fixed', 'bug'].map((variant) => cellWith(change, 'gup-fast-vs-thp-collapse', variant, 'arm64'))
    expect(changeReport([change.id], cells)).toMatchInlineSnapshot(`
      "closes what was violated
        gup-fast-vs-thp-collapse  bug  O5 O6 > holds  on arm64

      1 race, 2 verdicts: recheck-pmd runs in 1 race, and turns 1 verdict"
    `)
  })
})
