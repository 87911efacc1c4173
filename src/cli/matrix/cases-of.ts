import type { Case } from '../../report/case.js'
import { Cases } from './cases.js'
import type { CellDone, NamedRace } from './cell-job.js'

/** All verdicts as reports tell them. */
export async function casesOf(all: readonly (readonly [NamedRace, CellDone])[]): Promise<Case[]> {
  const cases = new Cases()
  const told: Case[] = []
  for (const [race, done] of all) told.push(await cases.of(race, done))
  return told
}
