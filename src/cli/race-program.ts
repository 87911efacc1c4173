import type { Program } from '../engine/program.js'
import { boot, type Conditions } from '../race/boot.js'
import { ownChanges } from './own-changes.js'
import { loadRace } from './races.js'

/** The program of a race, made anew: for the workers of a parallel search. */
export const raceProgram = async (nameOrFile: string, conditions: Conditions, changes: readonly string[] = []): Promise<Program> =>
  boot(await loadRace(nameOrFile, await ownChanges(changes)), conditions)
