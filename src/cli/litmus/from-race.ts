import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../engine/errors.js'
import { boot } from '../../race/boot.js'
import { raceTests } from '../../weak/race-tests.js'
import { groupsOf, weakLine, weakSummary } from '../../weak/weak-text.js'
import { type ConditionFlags, conditionsOf } from '../conditions.js'
import { Exit } from '../exit-codes.js'
import { ownChanges } from '../own-changes.js'
import type { Print } from '../print.js'
import { loadRace } from '../races.js'

export interface FromRaceFlags extends ConditionFlags {
  readonly from: string
  readonly write?: string
  readonly format?: string
}

/** `mmrace litmus --from RACE`: the critical cycles of a race as litmus tests, those that can happen first. Returns the exit status. */
export async function litmusFromRace(flags: FromRaceFlags, print: Print): Promise<number> {
  const { from, write, format = 'text' } = flags
  if (format !== 'text' && format !== 'json') throw new UserError('unknown-format', `--from has no format ${format}`, 'use text or json; --write DIR writes files for herd7')
  const own = await ownChanges(flags.change)
  const race = await loadRace(from, own)
  let worst: number = Exit.holds
  for (const conditions of conditionsOf(race, flags, own)) {
    const groups = groupsOf(raceTests(race.name, boot(race, conditions)))
    const tests = groups.map(({ test }) => test)
    const { arch, kernel } = conditions
    if (format === 'json') for (const { test: { kind: _, ...test }, places } of groups) print(JSON.stringify({ race: race.name, arch, kernel, ...test, places }))
    else {
      print(`${race.name}  ${arch}: ${weakSummary(groups)}`)
      for (const group of groups) print(`  ${weakLine(group)}`)
    }
    if (write !== undefined) {
      const folder = path.join(write, arch)
      mkdirSync(folder, { recursive: true })
      for (const { name, source } of tests) writeFileSync(path.join(folder, `${name}.litmus`), source)
    }
    if (tests.some(({ lkmm }) => lkmm)) worst = Exit.violated
    else if (worst === Exit.holds && tests.some(({ lkmm }) => lkmm === undefined)) worst = Exit.incomplete
  }
  return worst
}
