import type { Loaded } from '../learn/loaded.js'
import type { Choice } from './result.js'

/** The way from the start to where the core's depth-first search stopped. */
export interface Path {
  readonly schedule: Choice[]
  /** Which thread stands at each place, where interchangeable threads were swapped. */
  readonly order: readonly number[]
}

/** `withStep` when the last step of the way has been chosen but not taken. */
export function path({ core, groups, program }: Loaded, withStep: boolean): Path {
  const order = program.threads.map((_, t) => t)
  const schedule: Choice[] = []
  const depth = core.depth.value
  for (let d = 0; d < depth; d++) {
    const place = core.frameThread(d)
    schedule.push({ thread: order[place]!, alternative: core.frameAlternative(d) })
    move(order, groups.find((group) => group.includes(place))!, place, core.frameMovedTo(d))
  }
  if (withStep) schedule.push({ thread: order[core.frameThread(depth)]!, alternative: core.eventAlternative.value })
  return { schedule, order }
}

/** Takes the thread at one place of a group to another; those between make room. */
function move(order: number[], group: readonly number[], from: number, to: number): void {
  if (from === to) return
  const threads = group.map((place) => order[place]!)
  const [moved] = threads.splice(group.indexOf(from), 1)
  threads.splice(group.indexOf(to), 0, moved!)
  group.forEach((place, i) => (order[place] = threads[i]!))
}
