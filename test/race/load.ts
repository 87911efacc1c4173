import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Race } from '../../src/race/race.js'

const dir = path.resolve(import.meta.dirname, '../../races')

/** Every race file there is. */
export const allRaces = async (): Promise<readonly Race[]> =>
  Promise.all(readdirSync(dir).filter((file) => file.endsWith('.ts')).map(async (file) => {
    const module = (await import(path.join(dir, file))) as { default: Race }
    return module.default
  }))
