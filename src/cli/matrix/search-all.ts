import type { VerdictCache } from '../cache/verdict-cache.js'
import { CountLine } from '../progress.js'
import { type CellDone, type CellJob, jobText, type NamedRace } from './cell-job.js'
import { CellFailure, searchCells } from './search-cells.js'

/** Who searches cells; tells of each as it is done, and gives those that failed. */
export type Searching = typeof searchCells

/** What came of cells, in the order of the jobs. */
export interface SearchedAll {
  readonly found: readonly (readonly [CellJob, CellDone])[]
  /** The exit status that those without a verdict ask for. They have been told of. */
  readonly failed: number | undefined
}

/** Searches cells; what a cache has is not searched again. */
export async function searchAll(jobs: readonly CellJob[], raceOf: (job: CellJob) => NamedRace, cache: VerdictCache | undefined, signal: AbortSignal, search: Searching = searchCells): Promise<SearchedAll> {
  const cells = new Map<CellJob, CellDone>()
  for (const job of jobs) {
    const known = job.tell?.coverage ? undefined : cache?.get(raceOf(job), job)
    if (known) cells.set(job, known)
  }
  const progress = new CountLine('verdicts', jobs.length)
  try {
    const failures = await search(jobs.filter((job) => !cells.has(job)), (cell, job) => {
      cells.set(job, cell)
      progress.update(cells.size, `${job.race} ${job.variant} ${job.arch} ${job.kernel}`)
    }, signal)
    failures.forEach(tellOf)
    return { found: jobs.flatMap((job) => (cells.has(job) ? [[job, cells.get(job)!] as const] : [])), failed: failures[0]?.code }
  } catch (error) {
    if (error instanceof CellFailure) tellOf(error)
    throw error
  } finally {
    progress.done()
    for (const [job, cell] of cells) cache?.add(raceOf(job), job, cell)
    cache?.save()
  }
}

const tellOf = ({ message, job }: CellFailure): void => void process.stderr.write(`${message}\n  in ${jobText(job)}\n`)
