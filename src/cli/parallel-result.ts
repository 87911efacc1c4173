import { UserError } from '../engine/errors.js'
import type { ExploreOptions } from '../engine/search/explore.js'
import type { Result } from '../engine/search/result.js'
import { exploreInParallel } from '../parallel/explore.js'
import type { Conditions } from '../race/boot.js'
import type { ProgressLine } from './progress.js'
import { raceProgram } from './race-program.js'

const MAX_WORKERS = 64

/** The result of an exhaustive search of a race by several workers. */
export async function parallelResult(
  nameOrFile: string, conditions: Conditions, changes: readonly string[], options: ExploreOptions, workers: number, progress: ProgressLine,
): Promise<Result> {
  if (!Number.isInteger(workers) || workers > MAX_WORKERS) throw new UserError('bad-workers', `${workers} workers`, `give a whole number up to ${MAX_WORKERS}`)
  const source = { module: new URL('./race-program.js', import.meta.url).href, name: raceProgram.name, args: [nameOrFile, conditions, changes] }
  const search = exploreInParallel(await raceProgram(nameOrFile, conditions, changes), source, { ...options, all: true, workers }, (why) =>
    process.stderr.write(`mmrace: one worker searches alone: ${why.message}\n`))
  try {
    for (;;) {
      const turn = await search.next()
      if (turn.done) return turn.value
      progress.update(turn.value)
    }
  } finally {
    progress.done()
  }
}
