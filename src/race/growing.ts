import type { Progress } from '../engine/search/result.js'
import { type Geometry, type SizeName, SIZES } from '../kernel/geometry.js'
import { kernel } from '../kernel/kernel.js'
import { TooSmall } from '../kernel/too_small.js'
import type { Race } from './race.js'

/** No race is this large: something takes more and more. */
const ENOUGH = 1000

/** What races have been found to need, while they were set up or ran. */
const grown = new WeakMap<Race, Map<SizeName, number>>()

/** Numbers of things, by name. */
export type Sizes = { readonly [Name in SizeName]?: number }

/** The sizes that the race has been found to need. */
export const grownSizes = (race: Race): Sizes => Object.fromEntries(grown.get(race) ?? [])

/** The race needs these sizes at least, as somebody else has found out. They may come from a file or a link, and be anything. */
export function needs(race: Race, found: Sizes | null | undefined): void {
  for (const [size, count] of Object.entries(found ?? {}) as [SizeName, number][]) {
    if (!Object.hasOwn(SIZES, size) || !Number.isInteger(count) || race.geometry?.[size] !== undefined) continue
    const sizes = grown.get(race) ?? new Map<SizeName, number>()
    grown.set(race, sizes.set(size, Math.min(ENOUGH, Math.max(count, sizes.get(size) ?? 0))))
  }
}

/**
 * There was too little of something: there will be one more from now on, unless the race itself says how many there are. An error of another kind
 * is thrown on, and need not have come to a kernel with a geometry.
 */
export function grow(race: Race, error: unknown, geometry: () => Geometry): void {
  if (!(error instanceof TooSmall) || race.geometry?.[error.size] !== undefined) throw error
  const had = geometry()[error.size]
  if (had >= ENOUGH) throw error
  needs(race, { [error.size]: had + 1 })
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
