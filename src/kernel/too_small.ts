import { UserError } from '../engine/errors.js'
import type { Geometry } from './geometry.js'

/** A race uses more of something than there is. */
export class TooSmall extends UserError {
  constructor(readonly size: keyof Geometry) {
    super('geometry', `the race needs more ${size} than its machine has`, `give it more: geometry: { ${size}: … }`)
  }
}

export const tooSmall = (size: keyof Geometry): TooSmall => new TooSmall(size)
