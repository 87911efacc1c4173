import type { Change } from '../kernel/changes/change.js'
import type { Race } from '../race/race.js'
import type { Operation } from './operation.js'
import type { State } from './state.js'
import type { Things } from './things.js'

/** Lanes that each do one operation, in a state. */
export interface Scene {
  readonly state: State
  readonly operations: readonly Operation[]
}

/** `anon: munmap | pin`. */
export const nameOf = ({ state, operations }: Scene): string => `${state.name}: ${operations.map(({ name }) => name).join(' | ')}`

/** TLBs only matter to who reads and writes through them. */
export const needsTlb = ({ state, operations }: Scene): boolean =>
  (state.geometry.iommus ?? 0) > 0 || operations.some(({ user }) => user)

/** Names for lanes: what each does, with a number where two do the same. The child's own lane has its name from the state. */
export const laneNames = ({ state, operations }: Scene): string[] => operations.map(({ name, by }, i) => {
  if (by === 'child' && state.childLane !== undefined) return state.childLane
  const before = operations.slice(0, i).filter((other) => other.name === name).length
  return before > 0 ? `${name} ${before + 1}` : name
})

/**
 * The lanes that are no threads of a process. Where there is no other, the first lane's CPU is where the process was last: its
 * tables are still loaded there.
 */
export const kernelLanes = (operations: readonly Operation[], names: readonly string[]): string[] =>
  names.filter((_, i) => i > 0 && operations[i]!.by === undefined)

/** The lanes that every scene of a state has. */
export const otherLanes = ({ others = {} }: State): Race['cpus'] =>
  Object.fromEntries(Object.entries(others).map(([name, run]) => [name, (things: unknown) => run(things as Things)]))

/** The scene as a race of its own, to draw it and to ask for more about it; for kernels that may have changes of a user's. */
export function raceOf(scene: Scene, changes: readonly Change[] = []): Race {
  const { state, operations } = scene
  const names = laneNames(scene)
  return {
    name: 'hunt', title: nameOf(scene),
    geometry: state.geometry, tlb: needsTlb(scene), ...(state.needs && { needs: state.needs }),
    setup: (k) => {
      const things = state.setup(k)
      k.kernelThreads([...kernelLanes(operations, names), ...Object.keys(state.others ?? {})])
      return things
    },
    cpus: { ...Object.fromEntries(operations.map(({ run }, i) => [names[i]!, (things: unknown) => run(things as Things)])), ...otherLanes(state) },
    sometimes: [], changes,
    variants: { fixed: { expect: { holds: true } } },
  }
}
