import type { VerdictCache } from '../cache/verdict-cache.js'
import { CountLine } from '../progress.js'
import { type CellDone, type CellJob, jobText, type NamedRace } from './cell-job.js'
import { CellFailure, searchCells } from './search-cells.js'

/** Who searches cells; tells of each as it is done. */
export type Searching = typeof searchCells

/** What came of each cell, in the order of the jobs; what a cache has is not searched again. */
export async function searchAll(jobs: readonly CellJob[], raceOf: (job: CellJob) => NamedRace, cache: VerdictCache | undefined, signal: AbortSignal, search: Searching = searchCells): Promise<CellDone[]> {
  const cells = new Map<CellJob, CellDone>()
  for (const job of jobs) {
    const known = job.tell?.coverage ? undefined : cache?.get(raceOf(job), job)
    if (known) cells.set(job, known)
  }
  const progress = new CountLine('verdicts', jobs.length)
  try {
    await search(jobs.filter((job) => !cells.has(job)), (cell, job) => {
      cells.set(job, cell)
      progress.update(cells.size, `${job.race} ${job.variant} ${job.arch} ${job.kernel}`)
    }, signal)
  } catch (error) {
    if (!(error instanceof CellFailure)) throw error
    process.stderr.write(`${error.message}\n  in ${jobText(error.job)}\n`)
    throw error
  } finally {
    progress.done()
    for (const [job, cell] of cells) cache?.add(raceOf(job), job, cell)
    cache?.save()
  }
  return jobs.map((job) => cells.get(job)!)
}
