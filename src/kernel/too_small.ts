import { UserError } from '../engine/errors.js'
import type { SizeName } from './geometry.js'

/** A race uses more of something than there is. At set-up there can be more of it, if the race does not say how many there are. */
export class TooSmall extends UserError {
  constructor(readonly size: SizeName) {
    super('geometry', `the race needs more ${size} than its machine has`, `give it more: geometry: { ${size}: … }`)
  }
}
