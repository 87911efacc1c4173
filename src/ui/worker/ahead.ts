import type { Loaded } from '../../engine/learn/loaded.js'
import { exhaustive } from '../../engine/search/exhaustive.js'
import type { Choice, Progress, Result, Schedule } from '../../engine/search/result.js'
import type { Ahead } from './requests.js'

/** Seconds for each step that can run. */
const SECONDS = 10

/** What can still go wrong after each step that can run where a schedule ends: a search from there. */
export function* ahead(fresh: () => Loaded, schedule: Schedule, signal: AbortSignal): Generator<Progress, Ahead[]> {
  const found: Ahead[] = []
  for (const { thread, alternative } of choicesAfter(fresh(), schedule)) {
    const loaded = fresh()
    loaded.startAfter([...schedule, { thread, alternative }])
    const result = yield* exhaustive(loaded, { all: true, seconds: SECONDS, signal })
    found.push({ lane: thread, alternative, violates: violatedIn(result), complete: result.verdict === 'holds' || result.verdict === 'violated' })
  }
  return found
}

const violatedIn = (result: Result): string[] =>
  result.verdict === 'violated' ? [...new Set(result.found.map(({ violation }) => violation.oracle))].toSorted() : []

/** The steps that can run and violate nothing themselves. */
function choicesAfter(loaded: Loaded, schedule: Schedule): Choice[] {
  loaded.startAfter(schedule)
  return loaded.guarded(() => {
    loaded.restart()
    const { core } = loaded
    return loaded.program.threads.flatMap((_, thread) =>
      Array.from({ length: core.alternatives(core.localOf(thread)) }, (_none, alternative) => ({ thread, alternative })).filter((choice) => {
        const { blocked, violation } = loaded.leaf(core.leafOf(core.localOf(choice.thread), choice.alternative))
        return blocked === undefined && !violation
      }))
  })
}
