import { closestMatch } from 'leven'

/** How many letters of a name may be wrong for it to be a slip: half of a short one. */
const slips = (name: string): number => Math.min(3, Math.max(1, Math.floor(name.length / 2)))

/** The name that was probably meant: the same in other letters, or with little of it wrong. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const small = name.toLowerCase()
  const smalls = names.map((known) => known.toLowerCase())
  const same = smalls.indexOf(small)
  if (same >= 0) return names[same]
  const found = closestMatch(small, smalls, { maxDistance: slips(name) })
  return found === undefined ? undefined : names[smalls.indexOf(found)]
}

/** What to say of a name that is not among those there are: which was meant, or all of them when they are few. */
export function nearestHint(name: string, names: readonly string[], otherwise: string): string {
  const meant = nearest(name, names)
  return meant === undefined ? otherwise : `did you mean "${meant}"?`
}
