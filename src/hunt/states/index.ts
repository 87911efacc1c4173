import { UserError } from '../../engine/errors.js'
import type { State } from '../state.js'
import { memoryStates } from './memory.js'

/** The catalogue of states, the simplest first. */
export const states: readonly State[] = [...memoryStates]

const byName = new Map(states.map((state) => [state.name, state]))

export function stateNamed(name: string): State {
  const found = byName.get(name)
  if (!found) throw new UserError('unknown-state', `there is no state "${name}"`, 'mmrace hunt --list shows those there are')
  return found
}
