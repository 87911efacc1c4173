import { components } from '../../src/engine/learn/cycles.js'
import type { State } from './reference.js'

/** What is wrong at a state that nothing leads out of. */
const endOracles = (state: State): string[] => (state.edges.length > 0 ? [] : state.ended ? state.atEnd.says : ['deadlock'])

/** The names of all oracles that some run violates, livelock left out. */
export const oraclesOf = (states: readonly State[]): Set<string> =>
  new Set(states.flatMap((state) => [...endOracles(state), ...state.edges.flatMap((edge) => edge.says)]))

/** The names of all conditions that some run reaches. */
export const reachedIn = (states: readonly State[]): Set<string> =>
  new Set(states.flatMap((state) => [...state.atEnd.reached, ...state.edges.flatMap((edge) => edge.reached)]))

/** Whether there is a state from which no run ends of a thread that has to. */
export function livelocks(states: readonly State[]): boolean {
  const free = new Set([...states.keys()].filter((i) => states[i]!.edges.length === 0 || !states[i]!.must))
  for (let before = -1; before !== free.size;) {
    before = free.size
    for (const [i, state] of states.entries()) if (state.edges.some((edge) => free.has(edge.to))) free.add(i)
  }
  return free.size < states.length
}

/**
 * Whether a fair scheduler can go round for ever: in a strongly connected component each thread that has not ended takes steps,
 * one that has to end among them, or cannot take one anywhere.
 */
export function fairCycle(states: readonly State[], endless: (thread: number) => boolean): boolean {
  const component = components(states.map(({ edges }) => edges.map(({ to }) => to)))
  const inside = new Map<number, { steppers: Set<number>; able: Set<number> }>()
  for (const [i, { edges }] of states.entries()) {
    const known = inside.get(component[i]!) ?? { steppers: new Set(), able: new Set() }
    inside.set(component[i]!, known)
    for (const { thread, to } of edges) {
      known.able.add(thread)
      if (component[to] === component[i]) known.steppers.add(thread)
    }
  }
  return states.some(({ live, must }, i) => {
    const { steppers, able } = inside.get(component[i]!)!
    return must && live.every((thread) => steppers.has(thread) || !able.has(thread)) && [...steppers].some((thread) => !endless(thread))
  })
}

/** The steps of a shortest run that violates an oracle; Infinity when there is none. */
export const shortest = (states: readonly State[]): number =>
  Math.min(...states.map((state) => {
    if (endOracles(state).length > 0) return state.depth
    return state.edges.some((edge) => edge.says.length > 0) ? state.depth + 1 : Infinity
  }))

/** The preemptions of a run: switches away from a thread that could have gone on. */
export interface Cost { readonly preemptions: number; readonly switches: number; readonly steps: number }

/** The cheapest run that violates an oracle, by relaxing all states with all last threads until nothing changes. */
export function cheapest(states: readonly State[]): Cost | undefined {
  const costs = new Map<string, Cost>([['0 -1', { preemptions: 0, switches: 0, steps: 0 }]])
  let best: Cost | undefined
  const todo = new Set(['0 -1'])
  for (const at of todo) {
    todo.delete(at)
    const [index, last] = at.split(' ').map(Number) as [number, number]
    const state = states[index]!
    const cost = costs.get(at)!
    if (endOracles(state).length > 0) best = cheaper(best, cost)
    const couldGoOn = state.edges.some((edge) => edge.thread === last)
    for (const edge of state.edges) {
      const switches = last >= 0 && edge.thread !== last
      const next = {
        preemptions: cost.preemptions + (switches && couldGoOn ? 1 : 0),
        switches: cost.switches + (switches ? 1 : 0),
        steps: cost.steps + 1,
      }
      if (edge.says.length > 0) best = cheaper(best, next)
      const to = `${edge.to} ${edge.thread}`
      const known = costs.get(to)
      if (known && cheaper(known, next) === known) continue
      costs.set(to, next)
      todo.add(to)
    }
  }
  return best
}

const cheaper = (a: Cost | undefined, b: Cost): Cost => {
  if (!a) return b
  return (b.preemptions - a.preemptions || b.switches - a.switches || b.steps - a.steps) < 0 ? b : a
}

/** What the end of a run costs, for comparing with `cheapest`. */
export function costOf(states: readonly State[], schedule: readonly { thread: number; alternative: number }[]): Cost {
  let [at, last, preemptions, switches] = [0, -1, 0, 0]
  for (const { thread, alternative } of schedule) {
    const { edges } = states[at]!
    if (last >= 0 && thread !== last) {
      switches++
      if (edges.some((edge) => edge.thread === last)) preemptions++
    }
    at = edges.find((edge) => edge.thread === thread && edge.alternative === alternative)!.to
    last = thread
  }
  return { preemptions, switches, steps: schedule.length }
}
