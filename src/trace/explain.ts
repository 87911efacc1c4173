import type { Change } from '../kernel/changes/change.js'
import { ByKernel } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import type { Oracle } from '../oracles/oracle.js'
import type { Expectation, Race } from '../race/race.js'
import { wrap } from './commit-table.js'

const WIDTH = 78

const paragraph = (text: string): string[] => wrap(text.replaceAll(/\s+/g, ' '), WIDTH - 2).map((line) => `  ${line}`)

const standing = ({ since, mutation }: Change): string =>
  since === undefined ? `${mutation ? 'a mutation' : 'proposed'}, put in with --apply` : `in our kernels since ${since}`

export const explainChange = (change: Change): string =>
  [
    `${change.id}  ${change.title}`, `  Linux ${change.version}, ${standing(change)}${change.cve === undefined ? '' : `, ${change.cve}`}`, '',
    ...paragraph(`${change.changes}.`),
  ].join('\n')

export const explainOracle = ({ id, name, text }: Oracle): string => [`${id}  ${name}`, '', ...paragraph(text)].join('\n')

/** The facts of a profile, one line each. */
export function explainProfile(profile: Profile): string {
  const facts = Object.entries(profile).filter(([key, value]) => !['name', 'title'].includes(key) && typeof value !== 'function')
  const lines = facts.map(([key, value]) => `  ${key.padEnd(30)} ${typeof value === 'object' && value ? 'yes' : String(value ?? 'no')}`)
  return [`${profile.name}  ${profile.title}`, '', ...lines].join('\n')
}

const expected = (expect: Expectation | ByKernel<Expectation>): string => {
  if (expect instanceof ByKernel) return Object.entries(expect.values).map(([kernel, from]) => `${kernel}: ${expected(from)}`).join('; ')
  return 'holds' in expect ? 'holds on every profile' : `violates ${expect.violates} on ${expect.on === 'all' ? 'every profile' : expect.on.join(', ')}`
}

export function explainRace(race: Race): string {
  const variants = Object.entries(race.variants).flatMap(([name, { revert = [], apply = [], expect, because }]) => [
    `  ${name}: ${expected(expect)}`,
    ...(revert.length > 0 ? [`    without ${revert.join(', ')}`] : []),
    ...(apply.length > 0 ? [`    with ${apply.join(', ')}`] : []),
    ...(because === undefined ? [] : paragraph(because).map((line) => `  ${line}`)),
  ])
  const tags = [race.seed && `seed ${race.seed}`, race.bug && `corpus ${race.bug}`, race.question].filter(Boolean).join(', ')
  return [
    `${race.name}  ${race.title}`,
    ...(tags === '' ? [] : [`  ${tags}`]),
    ...(race.references ?? []).map((reference) => `  ${reference}`),
    '', `  lanes: ${Object.keys(race.cpus).join(', ')}`, `  sometimes: ${race.sometimes.join(', ')}`, '', ...variants,
  ].join('\n')
}
