import type { FunctionArms } from '../engine/model/arms.js'
import { fits, scenesOf } from './compose.js'
import type { Operation } from './operation.js'
import type { State } from './state.js'

/** What a hunt has looked at, and what not. */
export interface Coverage {
  readonly states: readonly StateCoverage[]
  /** Functions of the kernel, with the arms of their branches. */
  readonly functions: readonly FunctionArms[]
}

/** What was done at once in a state. */
export interface StateCoverage {
  readonly state: string
  /** Pairs of operations that make sense there, as `pairOf` has them. */
  readonly pairs: number
  readonly missing: readonly string[]
}

/** Two operations, whichever comes first. */
export const pairOf = (a: string, b: string): string => [a, b].toSorted().join(' | ')

/** All pairs of operations in a state. */
export function pairsIn(state: State, operations: readonly Operation[]): ReadonlySet<string> {
  const fitting = operations.filter((operation) => fits(operation, state))
  return new Set([...scenesOf(state, fitting, 2)].map(({ operations: [a, b] }) => pairOf(a!.name, b!.name)))
}

/** `done`: by state, the pairs that were in some scene. */
export function coverageOf(
  states: readonly State[], operations: readonly Operation[], done: ReadonlyMap<string, ReadonlySet<string>>, arms: Iterable<FunctionArms>,
): Coverage {
  return {
    states: states.map((state) => {
      const pairs = pairsIn(state, operations)
      return { state: state.name, pairs: pairs.size, missing: [...pairs].filter((pair) => !done.get(state.name)?.has(pair)) }
    }).filter(({ pairs }) => pairs > 0),
    functions: [...arms].filter(({ file }) => file.startsWith('src/kernel/')),
  }
}
