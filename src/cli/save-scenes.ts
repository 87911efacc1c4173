import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { search } from '../engine/search/explore.js'
import { Loaded } from '../engine/learn/loaded.js'
import type { Drawn } from '../hunt/drawn.js'
import { boot } from '../race/boot.js'
import { drive } from './drive.js'
import { sourcesIn } from './page-bundle.js'
import { loadRace } from './races.js'
import { fileNameOf, sceneSource } from './scene-source.js'

/** What a scene may take to find out which of its marks are ever reached. */
const SECONDS = 60

/** Writes the scenes as race files. Of their marks, those that no run comes by are not asked for. */
export async function saveScenes(folder: string, scenes: readonly Drawn[]): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const catalogue = { operations: sourcesIn('src/hunt/operations'), states: sourcesIn('src/hunt/states') }
  for (const scene of scenes) {
    const file = path.resolve(folder, `${fileNameOf(scene)}.ts`)
    writeFileSync(file, sceneSource(scene, catalogue))
    const race = await loadRace(file)
    const result = await drive(search(new Loaded(boot(race, scene.conditions)), { seconds: SECONDS, all: true }))
    const reached = race.sometimes.filter((name) => result.stats.reached.includes(name))
    if (reached.length > 0 && reached.length < race.sometimes.length) writeFileSync(file, sceneSource(scene, catalogue, reached))
  }
}
