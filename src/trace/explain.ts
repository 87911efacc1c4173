import type { Patch } from '../kernel/patches.js'
import type { Profile } from '../machine/profile.js'
import type { Oracle } from '../oracles/oracle.js'
import type { Expectation, Race } from '../race/race.js'
import { wrap } from './commit-table.js'

const WIDTH = 78

const paragraph = (text: string): string[] => wrap(text.replaceAll(/\s+/g, ' '), WIDTH - 2).map((line) => `  ${line}`)

const STATES = { merged: 'merged', proposed: 'proposed, put in with --apply', mutation: 'a mutation, put in with --apply' } as const

export const explainPatch = ({ id, title, version, cve, changes, state }: Patch): string =>
  [`${id}  ${title}`, `  Linux ${version}, ${STATES[state]}${cve === undefined ? '' : `, ${cve}`}`, '', ...paragraph(`${changes}.`)].join('\n')

export const explainOracle = ({ id, name, text }: Oracle): string => [`${id}  ${name}`, '', ...paragraph(text)].join('\n')

/** The facts of a profile, one line each. */
export function explainProfile(profile: Profile): string {
  const facts = Object.entries(profile).filter(([key, value]) => !['name', 'title'].includes(key) && typeof value !== 'function')
  const lines = facts.map(([key, value]) => `  ${key.padEnd(30)} ${typeof value === 'object' && value ? 'yes' : String(value ?? 'no')}`)
  return [`${profile.name}  ${profile.title}`, '', ...lines].join('\n')
}

const expected = (expect: Expectation): string =>
  'holds' in expect ? 'holds on every profile' : `violates ${expect.violates} on ${expect.on === 'all' ? 'every profile' : expect.on.join(', ')}`

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
