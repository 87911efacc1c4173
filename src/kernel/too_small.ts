import { UserError } from '../engine/errors.js'
import type { Geometry } from './geometry.js'

/** A race uses more of something than there is. */
export const tooSmall = (size: keyof Geometry): UserError =>
  new UserError('geometry', `the race needs more ${size} than its machine has`, `give it more: geometry: { ${size}: … }`)
