import type { Loaded } from '../../engine/learn/loaded.js'
import { replay, type Run } from '../../engine/search/replay.js'
import type { Schedule } from '../../engine/search/result.js'
import type { Race } from '../../race/race.js'
import { Follower } from './follow.js'

const TRIES = 400

/** For each of the race's `sometimes`, the run with the fewest switches of those tried that reaches it and passes. */
export function passingRuns(race: Race, loaded: Loaded): Map<string, Schedule> {
  const best = new Map<string, Schedule>()
  loaded.guarded(() => {
    for (let seed = 1; seed <= TRIES; seed++) {
      const run = replay(loaded, randomRun(loaded, seed))
      if (run.violation || !run.ended) continue
      const schedule = run.steps.map((step) => step.choice)
      for (const name of reachedBy(run)) {
        const known = best.get(name)
        if (race.sometimes.includes(name) && (!known || switches(schedule) < switches(known))) best.set(name, schedule)
      }
    }
  })
  return best
}

const reachedBy = (run: Run): string[] => run.steps.flatMap(({ leaf }) => leaf.reached)

const switches = (schedule: Schedule): number =>
  schedule.filter(({ thread }, i) => i > 0 && thread !== schedule[i - 1]!.thread).length

/** A run that switches now and then: most interleavings of single steps look alike. */
function randomRun(loaded: Loaded, seed: number): Schedule {
  const walk = new Follower(loaded)
  const { threads } = loaded.program
  const random = generator(seed)
  const pick = (): number => Math.floor(random() * threads.length)
  for (let thread = pick(), stuck = 0; stuck < threads.length * 4;) {
    const alternatives = loaded.core.alternatives(loaded.core.localOf(thread))
    const taken = alternatives > 0 && walk.take(thread, Math.floor(random() * alternatives)) === undefined
    stuck = taken ? 0 : stuck + 1
    if (!taken || random() < 0.1) thread = pick()
    if (walk.schedule.length > 2_000) break
  }
  walk.toEnd()
  return walk.schedule
}

/** Small and good enough: mulberry32. */
const generator = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
