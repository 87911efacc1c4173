import type { LeafInfo, Loaded } from '../../engine/learn/loaded.js'
import { describeStep } from '../../engine/model/describe.js'
import type { Schedule } from '../../engine/search/result.js'
import type { Alternative, LanePoint, Point } from './view.js'

/** What could run before the first step of a schedule and after each. The schedule must fit. */
export function pointsOf(loaded: Loaded, schedule: Schedule): Point[] {
  const { core } = loaded
  return loaded.guarded(() => {
    loaded.restart()
    const points = schedule.map(({ thread, alternative }) => {
      const taken = core.leafOf(core.localOf(thread), alternative)
      const point = pointNow(loaded, { thread, leaf: loaded.leaf(taken) })
      core.advance(thread, taken)
      return point
    })
    return [...points, pointNow(loaded)]
  })
}

/** The step that the run takes. */
interface Taken {
  readonly thread: number
  readonly leaf: LeafInfo
}

/** What can run in the current state. */
const pointNow = (loaded: Loaded, taken?: Taken): Point => loaded.program.threads.map((_, thread) => lanePoint(loaded, thread, taken))

function lanePoint(loaded: Loaded, thread: number, taken: Taken | undefined): LanePoint {
  const { core, automaton, program: { memory } } = loaded
  const local = core.localOf(thread)
  const { step, frames } = automaton.states[local]!
  if (!step) return { label: undefined, fn: undefined, alternatives: [] }
  return {
    label: describeStep(step, memory),
    fn: frames[frames.length - 1]?.fn.name,
    alternatives: Array.from({ length: core.alternatives(local) }, (_, a) => alternative(loaded, core.leafOf(local, a), taken?.thread === thread ? undefined : taken?.leaf)),
  }
}

function alternative(loaded: Loaded, leafId: number, other: LeafInfo | undefined): Alternative {
  const leaf = loaded.leaf(leafId)
  const { blocked, violation, reads } = leaf
  if (blocked !== undefined) {
    return { blocked, waitsOn: [...reads.keys()].map((cell) => loaded.program.memory.names[cell]!) }
  }
  if (violation) return { violates: violation.oracle }
  return other && !touches(leaf, other) && !touches(other, leaf) ? { commutes: true } : {}
}

/** Whether the first writes what the second looks at or writes. */
const touches = (first: LeafInfo, second: LeafInfo): boolean => [...first.writes.keys()].some((cell) => second.reads.has(cell) || second.writes.has(cell))
