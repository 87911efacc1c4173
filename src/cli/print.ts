import { UserError } from '../engine/errors.js'

/** Writes a text and a line end to standard output. */
export type Print = (text: string) => void

const MIN_WIDTH = 40
const MAX_WIDTH = 500

/** The width of tables: what was asked for, or 72 columns. */
export function printWidth(asked: number | undefined): number {
  if (asked === undefined) return 72
  if (asked < MIN_WIDTH || asked > MAX_WIDTH) throw new UserError('bad-width', `a width of ${asked} columns`, `give ${MIN_WIDTH} to ${MAX_WIDTH}`)
  return asked
}
