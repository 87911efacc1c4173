import { type Command, Option } from 'commander'
import { UserError } from '../../engine/errors.js'
import { nearestHint } from '../../engine/nearest.js'
import { shown } from '../../engine/shown.js'
import { changes } from '../../kernel/changes/index.js'
import { type KernelName, kernelNames, kernels } from '../../machine/kernels.js'
import { profilesOn } from '../../machine/profiles/index.js'
import { oracles } from '../../oracles/index.js'
import { expectOn, type Race } from '../../race/race.js'
import { wrap } from '../../trace/commit-table.js'
import { kernelNamed } from '../../race/asked.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'

interface Filters {
  kernel?: string
  oracle?: string
  seed?: string
}

interface Entry {
  readonly name: string
  /** One line of it. */
  readonly text: string
  /** The rest, for programs. */
  readonly more?: object
}

interface Kind {
  readonly entries: (filters: Filters) => Promise<Entry[]> | Entry[]
  readonly filters: readonly (keyof Filters)[]
}

const KINDS: Readonly<Record<string, Kind>> = {
  races: { entries: races, filters: ['kernel', 'oracle', 'seed'] },
  changes: {
    filters: ['kernel'],
    entries: ({ kernel }) => changes.filter(({ since }) => kernel === undefined || since === kernelNamed(kernel))
      .map(({ id, title, cve, version, since }) => ({ name: id, text: cve === undefined ? title : `${title} (${cve})`, more: { title, cve, version, since } })),
  },
  kernels: {
    filters: [],
    entries: () => kernels.map(({ name, version, recordings }) =>
      ({ name, text: `Linux ${version}: ${perKernel(name)}${recordings.length > 0 ? '; programs were recorded on it' : ''}`, more: { version, recordings } })),
  },
  profiles: { filters: ['kernel'], entries: ({ kernel }) => profilesOn(kernelNamed(kernel)).map(({ name, title }) => ({ name, text: title })) },
  oracles: { filters: [], entries: () => [...oracles.values()].map(({ id, name, text }) => ({ name: id, text: name, more: { text } })) },
}

async function races(filters: Filters): Promise<Entry[]> {
  const all = await Promise.all(builtInRaces().map((name) => loadRace(name)))
  checkFilters(all, filters)
  return all.filter((race) => matches(race, filters)).map(({ name, title, seed, bug, question }) => {
    const tags = [bug, question].filter((tag) => tag !== undefined).join(' ')
    return { name, text: tags === '' ? title : `${title} (${tags})`, more: { title, seed, bug, question } }
  })
}

function checkFilters(all: readonly Race[], { oracle, seed }: Filters): void {
  const ids = [...oracles.keys(), 'deadlock', 'livelock']
  if (oracle !== undefined && !ids.includes(oracle)) throw new UserError('unknown-oracle', `there is no oracle ${shown(oracle)}`, nearestHint(oracle, ids, 'mmrace list oracles shows them'))
  const seeds = [...new Set(all.flatMap((race) => race.seed?.split(/\W+/) ?? []))].toSorted()
  if (seed !== undefined && !seeds.includes(seed)) throw new UserError('unknown-seed', `there is no seed ${shown(seed)}`, `the seeds are ${seeds.join(', ')}`)
}

/** Of the seed, and with a form that violates the oracle, on the kernel or on any. */
function matches(race: Race, { kernel, oracle, seed }: Filters): boolean {
  if (seed !== undefined && !(race.seed?.split(/\W+/) ?? []).includes(seed)) return false
  if (kernel === undefined && oracle === undefined) return true
  const on = kernel === undefined ? kernelNames : [kernelNamed(kernel)]
  return Object.values(race.variants).some((variant) => on.some((name) => {
    const expected = expectOn(variant, name)
    return 'violates' in expected && (oracle === undefined || expected.violates === oracle)
  }))
}

const perKernel = (name: KernelName): string => {
  const { length } = changes.filter(({ since }) => since === name)
  return `${length} ${length === 1 ? 'change' : 'changes'} since ${kernels[0].name === name ? 'it or before' : 'then'}`
}

/** `mmrace list`: what there is, a line each. */
export function addList(program: Command, print: Print): void {
  program.command('list').description('the races, changes, kernels, profiles or oracles there are')
    .argument('[kind]', Object.keys(KINDS).join(', '), 'races')
    .option('--kernel <name>', 'races that some form violates on this kernel; changes that it is the first to have; profiles it has')
    .option('--oracle <id>', 'races that some form violates it')
    .option('--seed <id>', 'races of this thread: S0 … S4')
    .addOption(new Option('--format <layout>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (kind: string, { format, ...filters }: Filters & { format: string }) => {
      const wanted = Object.hasOwn(KINDS, kind) ? KINDS[kind]! : undefined
      if (!wanted) throw new UserError('unknown-kind', `nothing to list called ${shown(kind)}`, nearestHint(kind, Object.keys(KINDS), `use one of ${Object.keys(KINDS).join(', ')}`))
      const idle = (Object.keys(filters) as (keyof Filters)[]).find((name) => !wanted.filters.includes(name))
      if (idle !== undefined) throw new UserError('idle-filter', `--${idle} means nothing to ${kind}`, 'leave it out')
      const entries = await wanted.entries(filters)
      if (format === 'json') return print(JSON.stringify(entries.map(({ name, text, more }) => ({ name, text, ...more })), undefined, 2))
      if (entries.length === 0) return print(`no ${kind} like that`)
      for (const line of columns(entries)) print(line)
    })
}

const NAME_WIDTH = 30
const WIDTH = 80

function columns(entries: readonly Entry[]): string[] {
  const left = Math.min(NAME_WIDTH, Math.max(...entries.map(({ name }) => name.length)))
  return entries.flatMap(({ name, text }) => {
    const [first, ...rest] = wrap(text, WIDTH - left - 2)
    const indent = ' '.repeat(left + 2)
    const head = name.length > left ? [name, indent + first!] : [name.padEnd(left + 2) + first!]
    return [...head, ...rest.map((line) => indent + line)]
  })
}
