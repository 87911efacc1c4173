import type { Change } from '../kernel/changes/change.js'
import { changes } from '../kernel/changes/index.js'
import { ByKernel, type KernelName, kernelNames, kernels } from '../machine/kernels.js'
import type { Profile } from '../machine/profile.js'
import { profileByName, profilesOn } from '../machine/profiles/index.js'
import type { Oracle } from '../oracles/oracle.js'
import type { Expectation, Race, Variant } from '../race/race.js'
import { wrap } from './commit-table.js'
import { oracleName } from './verdict.js'

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

/** `lost write (O6) on arm64 and s390`. */
const outcome = (expect: Expectation): string => {
  if ('holds' in expect) return 'holds'
  if ('absent' in expect) return `there is no ${expect.absent}`
  const where = expect.on === 'all' ? 'everywhere' : `on ${listed(expect.on)}`
  return `${oracleName(expect.violates)}${oracleName(expect.violates) === expect.violates ? '' : ` (${expect.violates})`} ${where}`
}

const expected = (expect: Expectation | ByKernel<Expectation>): string =>
  (expect instanceof ByKernel ? Object.entries(expect.values).map(([kernel, from]) => `from ${kernel} on ${outcome(from)}`).join(', ') : outcome(expect))

const listed = (names: readonly string[]): string =>
  (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]!}`)

const changeText = (id: string): string => {
  const title = changes.find((change) => change.id === id)?.title
  return title === undefined ? id : `${id} (${title})`
}

/** One form of a race, as a sentence: what is different, what comes out, and why. */
function formText(name: string, { revert = [], apply = [], with: values = {}, expect, because }: Variant): string {
  const put = [...apply.map(changeText), ...Object.entries(values).map(([key, value]) => `${key} ${value}`)]
  const how = [...(revert.length > 0 ? [`without ${listed(revert.map(changeText))}`] : []), ...(put.length > 0 ? [`with ${listed(put)}`] : [])].join(', ')
  return `${name}: ${how === '' ? 'as released' : how}, ${expected(expect)}${because === undefined ? '' : `. ${because[0]!.toUpperCase()}${because.slice(1)}`}.`
}

/** A race as a story: who runs, what must come about, and what each form of it comes to. */
export function explainRace(race: Race): string {
  const lanes = Object.keys(race.cpus)
  const tags = [race.seed && `thread ${race.seed}`, race.bug && `bug ${race.bug}`, race.question && `question ${race.question}`].filter((tag) => tag !== undefined)
  const needs = race.needs?.length ? ` It needs ${listed(race.needs)}.` : ''
  return [
    race.name, ...paragraph(`${race.title}.`), '',
    ...paragraph(`${lanes.length === 1 ? 'One lane' : `${lanes.length} lanes`}: ${listed(lanes)}.${needs} ${race.sometimes.length === 1 ? 'Some run has to reach' : 'Some runs have to reach'} ${listed(race.sometimes.map((name) => `"${name}"`))}, or the answer means nothing.`),
    ...Object.entries(race.variants).flatMap(([name, variant]) => ['', ...paragraph(formText(name, variant))]),
    ...(tags.length > 0 || race.references ? ['', '  From:', ...tags.map((tag) => `    ${tag}`), ...(race.references ?? []).flatMap((reference) => wrap(reference, WIDTH - 4).map((line, i) => (i === 0 ? '    ' : '      ') + line))] : []),
    '', `  Next: mmrace check ${race.name}${Object.hasOwn(race.variants, 'bug') ? ' --bug' : ''}`,
  ].join('\n')
}
