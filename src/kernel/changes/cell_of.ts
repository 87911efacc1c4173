import { UserError } from '../../engine/errors.js'
import type { Cell } from '../../engine/model/memory.js'
import { kernel } from '../kernel.js'
import type { Change } from './change.js'

/** A cell that a change has of its own, on the kernel that runs. In the functions of the change itself: by its id. */
export function cell_of(change: Change | string, name: string): Cell {
  const id = typeof change === 'string' ? change : change.id
  const cell = kernel().changeCells.get(`${id}.${name}`)
  if (cell !== undefined) return cell
  throw new UserError('no-such-cell', `${id} has no cell "${name}" on this kernel`, `with the change applied it has those that it declares: cells: { ${name}: 0 }`)
}
