import { UserError } from '../../engine/errors.js'
import type { Operation } from '../operation.js'
import { deviceOperations } from './devices.js'
import { driverOperations } from './drivers.js'
import { gpuOperations } from './gpu.js'
import { kernelOperations } from './kernel.js'
import { notifierOperations } from './notifiers.js'
import { pinOperations } from './pins.js'
import { processOperations } from './process.js'

/** The catalogue of operations, the simplest first. */
export const operations: readonly Operation[] = [...processOperations, ...kernelOperations, ...pinOperations, ...deviceOperations, ...gpuOperations, ...driverOperations, ...notifierOperations]

const byName = new Map(operations.map((operation) => [operation.name, operation]))

export function operationNamed(name: string): Operation {
  const found = byName.get(name)
  if (!found) throw new UserError('unknown-operation', `there is no operation "${name}"`, 'mmrace hunt --list shows those there are')
  return found
}
