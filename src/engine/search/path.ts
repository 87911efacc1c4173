import type { Loaded } from '../learn/loaded.js'
import type { Choice } from './result.js'

/** A step of the core's depth-first search: by the place of the thread, not by the thread. */
export interface Placed {
  readonly place: number
  readonly alternative: number
  /** Where the thread went, among those it may be swapped with. */
  readonly movedTo: number
}

/** The way from the start to a state of the core's depth-first search. */
export interface Path {
  readonly schedule: Choice[]
  /** Which thread stands at each place, where interchangeable threads were swapped. */
  readonly order: readonly number[]
}

/** The steps of the search that lead to an open state. */
export function placed({ core }: Loaded, state: number): Placed[] {
  const steps: Placed[] = []
  for (let i = state; core.openBefore(i) >= 0; i = core.openBefore(i)) {
    steps.push({ place: core.openThread(i), alternative: core.openAlternative(i), movedTo: core.openMovedTo(i) })
  }
  return steps.toReversed()
}

/** The way to the last event. `withStep` when it ends with a step not taken; `before`: steps before the search began. */
export function path(loaded: Loaded, withStep: boolean, before: readonly Placed[] = []): Path {
  const { core } = loaded
  const { schedule, order } = scheduleOf(loaded, [...before, ...placed(loaded, core.eventOpen.value)])
  return { order, schedule: withStep ? [...schedule, { thread: order[core.eventThread.value]!, alternative: core.eventAlternative.value }] : schedule }
}

/** Which threads take the steps of a search. */
export function scheduleOf({ groups, program }: Loaded, steps: readonly Placed[]): Path {
  const order = program.threads.map((_, t) => t)
  const schedule: Choice[] = []
  for (const { place, alternative, movedTo } of steps) {
    schedule.push({ thread: order[place]!, alternative })
    move(order, groups.find((group) => group.includes(place))!, place, movedTo)
  }
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
