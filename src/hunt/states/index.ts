import { UserError } from '../../engine/errors.js'
import type { State } from '../state.js'
import { deviceStates } from './devices.js'
import { driverStates } from './drivers.js'
import { gpuStates } from './gpus.js'
import { hugetlbStates } from './hugetlb.js'
import { memoryStates } from './memory.js'
import { notifierStates } from './notifiers.js'
import { sharedStates } from './shared.js'

/** The catalogue of states, the simplest first. */
export const states: readonly State[] = [...memoryStates, ...sharedStates, ...hugetlbStates, ...deviceStates, ...gpuStates, ...driverStates, ...notifierStates]

const byName = new Map(states.map((state) => [state.name, state]))

export function stateNamed(name: string): State {
  const found = byName.get(name)
  if (!found) throw new UserError('unknown-state', `there is no state "${name}"`, 'mmrace hunt --list shows those there are')
  return found
}
