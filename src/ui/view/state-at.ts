import type { TraceStep } from '../../trace/trace.js'
import type { View } from './view.js'

/** Values of the cells, as text, by name. */
export type State = ReadonlyMap<string, string>

/** The state after the first `at` steps of a run. */
export function stateAt(view: View, at: number): State {
  const state = new Map(view.cells.map(({ name, value }) => [name, value]))
  for (const step of view.trace.steps.slice(0, at)) for (const { cell, value } of step.writes) state.set(cell, value)
  return state
}

/** What the step that led here changed: the values before, by cell. */
export const changesOf = (step: TraceStep | undefined): ReadonlyMap<string, string> =>
  new Map(step?.writes.map(({ cell, before }) => [cell, before]))
