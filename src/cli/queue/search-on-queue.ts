import type { VerdictCache } from '../cache/verdict-cache.js'
import { isFile } from '../is-file.js'
import type { CellJob, NamedRace } from '../matrix/cell-job.js'
import { searchAll, type SearchedAll } from '../matrix/search-all.js'
import { HandOut } from './hand-out.js'
import { RaceSet } from './race-set.js'

/** As searchAll, by those who work on a queue. */
export async function searchOnQueue(
  url: string, races: readonly string[], jobs: readonly CellJob[], raceOf: (job: CellJob) => NamedRace, cache: VerdictCache | undefined, signal: AbortSignal,
): Promise<SearchedAll> {
  const set = new RaceSet(races.filter(isFile))
  const out = await HandOut.to(url, set)
  const tell = (text: string): void => void process.stderr.write(`${text}\n`)
  try {
    if ((await out.workers()) === 0) tell(`nobody works on ${set.queue} yet: mmrace work --queue … does, of the same version${races.some(isFile) ? ', with the same race files' : ''}`)
    return await searchAll(jobs, raceOf, cache, signal, (some, done, stop) => out.search(set, some, done, stop, tell))
  } finally {
    await out.close()
  }
}
