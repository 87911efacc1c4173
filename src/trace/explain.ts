import type { Change } from '../kernel/changes/change.js'
import { changes } from '../kernel/changes/index.js'
import { ByKernel, type KernelName, kernelNames, kernels } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import { profileByName, profilesOn } from '../machine/profiles/index.js'
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

/** A kernel: what came with it, and where architectures are not what they were. */
export function explainKernel(name: KernelName): string {
  const { version } = kernels.find((one) => one.name === name)!
  const before = kernelNames[kernelNames.indexOf(name) - 1]
  const came = changes.filter(({ since }) => since === name)
  const facts = before === undefined ? [] : profilesOn(name).flatMap((profile) => differing(profile, profileByName(profile.name, before)))
  return [
    `Linux ${version}`, '', `  ${came.length} changes ${before === undefined ? 'of then and before' : `since ${before}`}`,
    ...came.flatMap(({ id, title }) => wrap(`${id}  ${title}`, WIDTH - 4).map((line, i) => (i === 0 ? '    ' : '      ') + line)),
    ...(facts.length > 0 ? ['', `  architectures, since ${before}`, ...facts.map((fact) => `    ${fact}`)] : []),
  ].join('\n')
}

function differing(profile: Profile, before: Profile | undefined): string[] {
  if (!before) return [`${profile.name}: new`]
  const keys = (Object.keys(profile) as (keyof Profile)[]).filter((key) => key !== 'title' && profile[key] !== before[key])
  return keys.map((key) => `${profile.name}: ${key}${typeof profile[key] === 'function' ? '' : ` is ${String(profile[key])}, was ${String(before[key])}`}`)
}

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
  const variants = Object.entries(race.variants).flatMap(([name, { revert = [], apply = [], with: values = {}, expect, because }]) => [
    `  ${name}: ${expected(expect)}`,
    ...(revert.length > 0 ? [`    without ${revert.join(', ')}`] : []),
    ...(apply.length > 0 ? [`    with ${apply.join(', ')}`] : []),
    ...Object.entries(values).map(([key, value]) => `    with ${key}: ${value}`),
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
