import type { Operation } from './operation.js'
import type { Scene } from './scene.js'
import type { State } from './state.js'

/** What an operation needs and acts on is there. */
export const fits = ({ needs, on, by }: Operation, state: State): boolean =>
  needs.every((need) => state.gives.includes(need)) && (on === undefined || on.includes(state.kind)) && (by !== 'child' || state.childLane !== undefined)

/** Nobody is a thread of a process that ends. */
const agree = (operations: readonly Operation[]): boolean => operations.every(({ ends }, i) =>
  ends === undefined || operations.every(({ by }, j) => i === j || by !== ends))

/** Multisets of `size` operations, in the catalogue's order: lanes may be swapped. */
function* multisets(operations: readonly Operation[], size: number, from = 0): Generator<readonly Operation[]> {
  if (size === 0) return yield []
  for (let i = from; i < operations.length; i++) {
    for (const rest of multisets(operations, size - 1, i)) yield [operations[i]!, ...rest]
  }
}

/** All scenes of so many lanes in a state. Where the child has a lane, it is the last, and the child's alone. */
export function* scenesOf(state: State, operations: readonly Operation[], lanes: number): Generator<Scene> {
  const fitting = operations.filter((operation) => fits(operation, state))
  const others = fitting.filter(({ by }) => by !== 'child')
  const last = state.childLane === undefined ? undefined : fitting.filter(({ by }) => by === 'child')
  for (const rest of multisets(others, last ? lanes - 1 : lanes)) {
    for (const end of last ? last.map((one) => [one]) : [[]]) {
      const all = [...rest, ...end]
      if (agree(all)) yield { state, operations: all }
    }
  }
}
