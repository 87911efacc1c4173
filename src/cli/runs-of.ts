import { Loaded } from '../engine/learn/loaded.js'
import { search } from '../engine/search/explore.js'
import { boot } from '../race/boot.js'
import { missingFeatures } from '../race/features.js'
import { drive } from './drive.js'
import { builtInRaces, loadRace } from './races.js'

/** So much of every race is searched: nearly all that it ever runs, it runs early. */
const STATES = 300
const ARCH = 'arm64'

/** The races that come with mmrace of which a short search runs this function. */
export async function racesThatRun(name: string, file: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const one of builtInRaces()) {
    const race = await loadRace(one)
    if (missingFeatures(race, ARCH).length > 0) continue
    const loaded = new Loaded(boot(race, { arch: ARCH }))
    await drive(search(loaded, { states: STATES }))
    if (loaded.automaton.states.some(({ frames }) => frames.some(({ fn }) => fn.name === name && fn.file === file))) found.push(one)
  }
  return found
}
