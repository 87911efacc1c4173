import type { Operation } from './operation.js'
import type { Scene } from './scene.js'
import type { State } from './state.js'

/** What an operation needs and acts on is there. */
export const fits = ({ needs, on, by }: Operation, state: State): boolean =>
  needs.every((need) => state.gives.includes(need)) && (on === undefined || on.includes(state.kind)) && (by !== 'child' || state.childLane !== undefined)

/** Multisets of `size` operations, in the catalogue's order: lanes may be swapped. */
function* multisets(operations: readonly Operation[], size: number, from = 0): Generator<readonly Operation[]> {
  if (size === 0) return yield []
  for (let i = from; i < operations.length; i++) {
    for (const rest of multisets(operations, size - 1, operations[i]!.single ? i + 1 : i)) yield [operations[i]!, ...rest]
  }
}

/** Nobody lacks the other who has to be there. */
const isWhole = (operations: readonly Operation[]): boolean =>
  operations.every((one) => one.with === undefined || operations.some(({ name }) => name === one.with))

/** All scenes of so many lanes in a state: first threads of the process, then the kernel's and devices. A lane of the child is the last, and alone. */
export function* scenesOf(state: State, operations: readonly Operation[], lanes: number): Generator<Scene> {
  const fitting = operations.filter((operation) => fits(operation, state)).toSorted((a, b) => rank(a) - rank(b))
  const others = fitting.filter(({ by }) => by !== 'child')
  const last = state.childLane === undefined ? [[]] : fitting.filter(({ by }) => by === 'child').map((one) => [one])
  for (const rest of multisets(others, state.childLane === undefined ? lanes : lanes - 1)) {
    for (const end of last) if (isWhole([...rest, ...end])) yield { state, operations: [...rest, ...end] }
  }
}

const rank = ({ by }: Operation): number => (by === 'mm' ? 0 : by === undefined ? 1 : 2)
