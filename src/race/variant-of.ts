import type { Conditions } from './boot.js'
import type { Race, Values, Variant } from './race.js'

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((x) => b.includes(x))

const sameValues = (a: Values, b: Values): boolean => sameSet(Object.entries(a).map(String), Object.entries(b).map(String))

/** The variant of a race that these conditions are, if it declares one. */
export const variantOf = (race: Race, { revert = [], apply = [], with: values = {} }: Conditions): [string, Variant] | undefined =>
  Object.entries(race.variants).find(([, v]) => sameSet(v.revert ?? [], revert) && sameSet(v.apply ?? [], apply) && sameValues(v.with ?? {}, values))
