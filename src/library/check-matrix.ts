import type { ExploreOptions } from '../engine/search/explore.js'
import { type Cell, cellOf } from '../race/cell.js'
import type { Race } from '../race/race.js'
import { matrixTable, tally } from '../trace/matrix-table.js'
import { inSlices } from './in-slices.js'
import { placesOf, type Wanted } from './places.js'

/** Of which variants, profiles and kernels verdicts are wanted, and the most that each may take. */
export interface MatrixOptions extends Wanted, Pick<ExploreOptions, 'seconds' | 'states' | 'bytes' | 'signal'> {
  /** Told of each verdict as it comes. */
  readonly onCell?: (cell: Cell, done: number, of: number) => void
}

export interface Matrix {
  readonly cells: readonly Cell[]
  /** Whether all are as the races say. */
  readonly asExpected: boolean
  /** The tables that `mmrace matrix` prints. */
  report(): string
}

/** Verdicts of races on every profile, in all their variants, one after the other in this thread. */
export async function checkMatrix(races: readonly Race[], options: MatrixOptions = {}): Promise<Matrix> {
  const { variants, archs, kernels, onCell, signal, ...bounds } = options
  const wanted = { ...(variants && { variants }), ...(archs && { archs }), ...(kernels && { kernels }) }
  const jobs = races.flatMap((race) => placesOf(race, wanted).map((place) => ({ race, ...place })))
  const cells: Cell[] = []
  for (const { race, variant, arch, kernel } of jobs) {
    signal?.throwIfAborted()
    const cell = await inSlices(cellOf(race, variant, arch, kernel, { ...bounds, ...(signal && { signal }) }), signal)
    cells.push(cell)
    onCell?.(cell, cells.length, jobs.length)
  }
  return { cells, asExpected: cells.every((cell) => cell.asExpected), report: () => tables(races, cells) }
}

function tables(races: readonly Race[], cells: readonly Cell[]): string {
  const own = races.map((race) => matrixTable(race, cells.filter((cell) => cell.race === race.name)))
  return [...own, ...(races.length > 1 ? [`${races.length} races: ${tally(cells)}`] : [])].join('\n\n')
}
