import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { changes } from '../../kernel/changes/index.js'
import { type KernelName, kernels } from '../../machine/kernels.js'
import { profilesOn } from '../../machine/profiles/index.js'
import { oracles } from '../../oracles/index.js'
import { wrap } from '../../trace/commit-table.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'

type Entry = readonly [name: string, text: string]

const KINDS: Readonly<Record<string, () => Promise<Entry[]> | Entry[]>> = {
  races: async () => Promise.all(builtInRaces().map(async (name) => {
    const { title, bug, question } = await loadRace(name)
    const tags = [bug, question].filter((tag) => tag !== undefined).join(' ')
    return [name, tags === '' ? title : `${title} (${tags})`] as const
  })),
  changes: () => changes.map(({ id, title, cve }) => [id, cve === undefined ? title : `${title} (${cve})`] as const),
  kernels: () => kernels.map(({ name, version, recordings }) => [name, `Linux ${version}: ${perKernel(name)}${recordings.length > 0 ? '; programs were recorded on it' : ''}`] as const),
  profiles: () => profilesOn().map(({ name, title }) => [name, title] as const),
  oracles: () => [...oracles.values()].map(({ id, name }) => [id, name] as const),
}

const perKernel = (name: KernelName): string => {
  const { length } = changes.filter(({ since }) => since === name)
  return `${length} ${length === 1 ? 'change' : 'changes'} since ${kernels[0].name === name ? 'it or before' : 'then'}`
}

/** `mmrace list`: what there is, a line each. */
export function addList(program: Command, print: Print): void {
  program.command('list').description('the races, changes, kernels, profiles or oracles there are')
    .argument('[kind]', Object.keys(KINDS).join(', '), 'races')
    .action(async (kind: string) => {
      const entries = KINDS[kind]
      if (!entries) throw new UserError('unknown-kind', `nothing to list called "${kind}"`, `use one of ${Object.keys(KINDS).join(', ')}`)
      for (const line of columns(await entries())) print(line)
    })
}

const NAME_WIDTH = 30
const WIDTH = 80

function columns(entries: readonly Entry[]): string[] {
  const name = Math.min(NAME_WIDTH, Math.max(...entries.map(([n]) => n.length)))
  return entries.flatMap(([n, text]) => {
    const [first, ...rest] = wrap(text, WIDTH - name - 2)
    const indent = ' '.repeat(name + 2)
    const head = n.length > name ? [n, indent + first!] : [n.padEnd(name + 2) + first!]
    return [...head, ...rest.map((line) => indent + line)]
  })
}
