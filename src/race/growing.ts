import type { Progress } from '../engine/search/result.js'
import type { Geometry, SizeName } from '../kernel/geometry.js'
import { kernel } from '../kernel/kernel.js'
import { TooSmall } from '../kernel/too_small.js'
import type { Race } from './race.js'

/** No race is this large: something takes more and more. */
const ENOUGH = 1000

/** What races have been found to need, while they were set up or ran. */
const grown = new WeakMap<Race, Map<SizeName, number>>()

/** The sizes that the race has been found to need. */
export const grownSizes = (race: Race): Partial<Geometry> => Object.fromEntries(grown.get(race) ?? [])

/**
 * There was too little of something: there will be one more from now on, unless the race itself says how many there are. An error of another kind
 * is thrown on, and need not have come to a kernel with a geometry.
 */
export function grow(race: Race, error: unknown, geometry: () => Geometry): void {
  if (!(error instanceof TooSmall) || race.geometry?.[error.size] !== undefined) throw error
  const had = geometry()[error.size]
  if (had >= ENOUGH) throw error
  const sizes = grown.get(race) ?? new Map<SizeName, number>()
  grown.set(race, sizes.set(error.size, had + 1))
}

/** A search of a race, which begins anew when a run needs more of something than set-up has left. */
export function* growing<T>(race: Race, run: () => Generator<Progress, T>): Generator<Progress, T> {
  for (;;) {
    try {
      return yield* run()
    } catch (error) {
      grow(race, error, () => kernel().geometry)
    }
  }
}
