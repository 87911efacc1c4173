import { describe, expect, it } from 'vitest'
import { changes } from '../../src/kernel/changes/index.js'
import { DEFAULT_KERNEL } from '../../src/machine/kernels.js'
import { expectOn, type Race, type Variant } from '../../src/race/race.js'
import { allRaces } from './load.js'

const races = await allRaces()

const conditions = ({ revert = [], apply = [] }: Variant): readonly string[] => [...revert.map((id) => `without ${id}`), ...apply]

const mutations = new Set(changes.filter(({ mutation }) => mutation).map(({ id }) => id))

/** Another step of the fix taken out: it is violated, by a mutation or without taking out all that the bug form does. */
const isMutation = (variant: Variant, bug: Variant | undefined): boolean => {
  const changed = conditions(variant)
  if (!('violates' in expectOn(variant, DEFAULT_KERNEL)) || changed.length === 0) return false
  return changed.some((id) => mutations.has(id)) || (bug !== undefined && !conditions(bug).every((id) => changed.includes(id)))
}

const hasMutation = ({ variants }: Race): boolean =>
  Object.entries(variants).some(([name, variant]) => name !== 'bug' && isMutation(variant, variants.bug))

/** All families of the corpus. */
const ENTRY = /^[A-I]/

/** Where the mutation is in a race of another entry: the lookup that is tried again, while reservations are held. */
const ELSEWHERE: Readonly<Record<string, string>> = { I2: 'amdgpu-userptr-vs-munmap' }

describe('an entry of the corpus breaks again when another step of its fix goes', () => {
  const entries = [...new Set(races.flatMap(({ bug }) => bug ?? []))].filter((bug) => ENTRY.test(bug)).toSorted()
  it.each(entries)('%s', (entry) => {
    expect(races.some((race) => (race.bug === entry || race.name === ELSEWHERE[entry]) && hasMutation(race))).toBe(true)
  })
})
