import { describe, expect, it } from 'vitest'
import { patches } from '../../src/kernel/patches.js'
import type { Race, Variant } from '../../src/race/race.js'
import { allRaces } from './load.js'

const races = await allRaces()

const conditions = ({ revert = [], apply = [] }: Variant): readonly string[] => [...revert, ...apply]

const mutations = new Set(patches.filter(({ state }) => state === 'mutation').map(({ id }) => id))

/** Another step of the fix taken out: it is violated, by a mutation or without taking out all that the bug form does. */
const isMutation = (variant: Variant, bug: Variant | undefined): boolean => {
  const changed = conditions(variant)
  if (!('violates' in variant.expect) || changed.length === 0) return false
  return changed.some((id) => mutations.has(id)) || (bug !== undefined && !conditions(bug).every((id) => changed.includes(id)))
}

const hasMutation = ({ variants }: Race): boolean =>
  Object.entries(variants).some(([name, variant]) => name !== 'bug' && isMutation(variant, variants.bug))

/** Page tables, counts and TLBs; of devices and drivers (F, I) not every entry has one yet. */
const FAMILIES = /^[A-EGH]/

describe('an entry of the corpus breaks again when another step of its fix goes', () => {
  const entries = [...new Set(races.flatMap(({ bug }) => bug ?? []))].filter((bug) => FAMILIES.test(bug)).toSorted()
  it.each(entries)('%s', (entry) => {
    expect(races.some((race) => race.bug === entry && hasMutation(race))).toBe(true)
  })
})
