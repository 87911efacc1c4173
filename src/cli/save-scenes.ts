import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { search } from '../engine/search/explore.js'
import { Loaded } from '../engine/learn/loaded.js'
import type { Drawn } from '../hunt/drawn.js'
import type { Change } from '../kernel/changes/change.js'
import { boot, type Conditions } from '../race/boot.js'
import { drive } from './drive.js'
import { growing } from '../race/growing.js'
import type { Race } from '../race/race.js'
import { sourcesIn } from './page-bundle.js'
import { loadRace } from './races.js'
import { fileNameOf, sceneSource } from './scene-source.js'

/** What a scene may take to find out which of its marks are ever reached. */
const SECONDS = 60

/**
 * Writes the scenes as race files. Of their marks, those that no run comes by are not asked for. `own`: changes of the user's, which they were
 * shown with.
 */
export async function saveScenes(folder: string, scenes: readonly Drawn[], own: readonly Change[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const catalogue = { operations: sourcesIn('src/hunt/operations'), states: sourcesIn('src/hunt/states') }
  for (const scene of scenes) {
    const file = path.resolve(folder, `${fileNameOf(scene)}.ts`)
    writeFileSync(file, sceneSource(scene, catalogue))
    const race = await loadRace(file, own)
    const { arch, kernel, revert = [], apply = [] } = scene.conditions
    const { reached } = await searched(race, scene.conditions)
    const differs = revert.length + apply.length > own.length
    const released = differs ? (await searched(race, { arch, ...(kernel && { kernel }) })).oracles : []
    const some = race.sometimes.filter((name) => reached.includes(name))
    const tried = { reached: some.length > 0 ? some : race.sometimes, released }
    if (released.length > 0 || tried.reached.length < race.sometimes.length) writeFileSync(file, sceneSource(scene, catalogue, tried))
  }
}

async function searched(race: Race, conditions: Conditions): Promise<{ reached: readonly string[]; oracles: readonly string[] }> {
  const result = await drive(growing(race, () => search(new Loaded(boot(race, conditions)), { seconds: SECONDS, all: true })))
  return { reached: result.stats.reached, oracles: result.verdict === 'violated' ? result.found.map(({ violation }) => violation.oracle) : [] }
}
