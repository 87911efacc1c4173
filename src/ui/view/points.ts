import type { Loaded } from '../../engine/learn/loaded.js'
import { describeStep } from '../../engine/model/describe.js'
import type { Schedule } from '../../engine/search/result.js'
import type { Alternative, LanePoint, Point } from './view.js'

/** What could run before the first step of a schedule and after each. The schedule must fit. */
export function pointsOf(loaded: Loaded, schedule: Schedule): Point[] {
  const { core } = loaded
  return loaded.guarded(() => {
    loaded.restart()
    const points = [pointNow(loaded)]
    for (const { thread, alternative } of schedule) {
      core.advance(thread, core.leafOf(core.localOf(thread), alternative))
      points.push(pointNow(loaded))
    }
    return points
  })
}

/** What can run in the current state. */
export const pointNow = (loaded: Loaded): Point => loaded.program.threads.map((_, thread) => lanePoint(loaded, thread))

function lanePoint(loaded: Loaded, thread: number): LanePoint {
  const { core, automaton, program: { memory } } = loaded
  const local = core.localOf(thread)
  const { step, frames } = automaton.states[local]!
  if (!step) return { label: undefined, fn: undefined, alternatives: [] }
  return {
    label: describeStep(step, memory),
    fn: frames[frames.length - 1]?.fn.name,
    alternatives: Array.from({ length: core.alternatives(local) }, (_, a) => alternative(loaded, core.leafOf(local, a))),
  }
}

function alternative(loaded: Loaded, leafId: number): Alternative {
  const { blocked, violation, reads } = loaded.leaf(leafId)
  if (blocked !== undefined) {
    return { blocked, waitsOn: [...reads.keys()].map((cell) => loaded.program.memory.names[cell]!) }
  }
  return violation ? { violates: violation.oracle } : {}
}
