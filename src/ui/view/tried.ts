import type { View } from './view.js'

/** Whether two views are of the same race on the same kernel and profile. */
export const sameSubject = (a: View, b: View): boolean => a.race.name === b.race.name && JSON.stringify(a.conditions) === JSON.stringify(b.conditions)

/** The steps, as `lane.alternative`, that other runs took where this one stands after `at` steps. */
export function stepsTried(view: View, at: number, others: readonly View[]): Set<string> {
  const here = keys(view, at).join()
  return new Set(others.filter((other) => other !== view && other.trace.steps.length > at && sameSubject(view, other) && keys(other, at).join() === here)
    .map((other) => keys(other, at + 1)[at]!))
}

const keys = ({ trace }: View, length: number): string[] => trace.steps.slice(0, length).map(({ lane, alternative }) => `${lane}.${alternative}`)
