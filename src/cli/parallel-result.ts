import { UserError } from '../engine/errors.js'
import type { ExploreOptions } from '../engine/search/explore.js'
import type { Result } from '../engine/search/result.js'
import type { SizeName } from '../kernel/geometry.js'
import { kernel } from '../kernel/kernel.js'
import { TooSmall } from '../kernel/too_small.js'
import { type Alone, exploreInParallel } from '../parallel/explore.js'
import { boot, type Conditions } from '../race/boot.js'
import { grow, grownSizes } from '../race/growing.js'
import type { Race } from '../race/race.js'
import type { ProgressLine } from './progress.js'
import { raceProgram } from './race-program.js'

const MAX_WORKERS = 64

/** Where workers find the race: its name or file, and files with changes of the user's. */
export interface RaceSource {
  readonly name: string
  readonly conditions: Conditions
  readonly changes: readonly string[]
}

/** The result of an exhaustive search of a race by several workers, who begin anew when a run needs more of something than set-up has left. */
export async function parallelResult(race: Race, source: RaceSource, options: ExploreOptions, workers: number, progress: ProgressLine): Promise<Result> {
  if (!Number.isInteger(workers) || workers > MAX_WORKERS) throw new UserError('bad-workers', `${workers} workers`, `give a whole number up to ${MAX_WORKERS}`)
  for (;;) {
    try {
      return await searched(race, source, options, workers, progress)
    } catch (error) {
      grow(race, error, () => kernel().geometry)
    } finally {
      progress.done()
    }
  }
}

async function searched(race: Race, { name, conditions, changes }: RaceSource, options: ExploreOptions, workers: number, progress: ProgressLine): Promise<Result> {
  const program = boot(race, conditions)
  const source = { module: new URL('./race-program.js', import.meta.url).href, name: raceProgram.name, args: [name, { ...conditions, sizes: grownSizes(race) }, changes] }
  const search = exploreInParallel(program, source, { ...options, all: true, workers }, toldAlone)
  for (;;) {
    const turn = await search.next()
    if (turn.done) return turn.value
    progress.update(turn.value)
  }
}

function toldAlone({ message, cause }: Alone): void {
  // What a worker throws comes without its class.
  if (cause instanceof Error && 'size' in cause) throw new TooSmall(cause.size as SizeName)
  process.stderr.write(`mmrace: one worker searches alone: ${message}\n`)
}
