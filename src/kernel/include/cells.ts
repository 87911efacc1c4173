import type { Access, Cell } from '../../engine/model/memory.js'

/** Adds to a cell within a step; returns the new value. */
export const add = (m: Access, cell: Cell, delta: number): number => {
  const value = m.get(cell) + delta
  m.set(cell, value)
  return value
}
