import { type Command, Option } from 'commander'
import { UserError } from '../../engine/errors.js'
import { nearestHint } from '../../engine/nearest.js'
import { shown } from '../../engine/shown.js'
import { changes } from '../../kernel/changes/index.js'
import { isKernelName, kernelNames, kernels } from '../../machine/kernels.js'
import { profileAtFirst, profileNames } from '../../machine/profiles/index.js'
import { oracles } from '../../oracles/index.js'
import { namedChanges } from '../../race/named-changes.js'
import { explainChange, explainKernel, explainOracle, explainProfile, explainRace } from '../../trace/explain.js'
import { wrap } from '../../trace/commit-table.js'
import { isFile } from '../is-file.js'
import { type KernelFunction, kernelFunction, nearestFunction } from '../kernel-function.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'
import { racesThatRun } from '../runs-of.js'

const WIDTH = 78

/** Where it is, what it takes, and which changes touch it. */
function explainFunction({ name, takes, file, line, kernelFile, text, changes: touching }: KernelFunction, races: readonly string[]): string {
  const titles = touching.map((id) => `    ${id}  ${changes.find((change) => change.id === id)?.title ?? ''}`)
  return [
    `${name}  ${kernelFile ?? 'a function of the model'}`, `  ${file}:${line}`, `  takes ${takes}`,
    ...(text === '' ? [] : ['', ...wrap(text, WIDTH - 2).map((part) => `  ${part}`)]),
    '', ...(titles.length === 0 ? ['  no change touches it'] : ['  changes that touch it:', ...titles]),
    ...(races.length === 0 ? ['  none of the races that come with mmrace runs it'] : ['  races that run it:', ...wrap(races.join(', '), WIDTH - 4).map((line) => `    ${line}`)]),
  ].join('\n')
}

/** `mmrace explain`: what a kernel, a change, an oracle, a profile, a race or a function is. */
export function addExplain(program: Command, print: Print): void {
  program.command('explain').description('what a kernel, change, oracle, profile, race or function is, with references')
    .argument('<name>', '7.3, a commit id, O1 … O18, a profile, a race, or a function of the kernel')
    .addOption(new Option('--format <layout>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (name: string, { format }: { format: string }) => {
      const tell = (kind: string, data: object, text: () => string): void =>
        print(format === 'json' ? JSON.stringify({ kind, ...data }, undefined, 2) : text())
      const found = namedChanges(name)
      const oracle = oracles.get(name) ?? oracles.get(name.toUpperCase())
      const profile = profileAtFirst(name)
      if (isKernelName(name)) {
        const { version } = kernels.find((one) => one.name === name)!
        return tell('kernel', { name, version, changes: changes.filter(({ since }) => since === name).map(({ id }) => id) }, () => explainKernel(name))
      }
      if (!(found instanceof UserError)) return tell('changes', { changes: found.map(({ id, title, version, since, changes: what, cve }) => ({ id, title, version, since, changes: what, cve })) }, () => found.map(explainChange).join('\n\n'))
      if (oracle) return tell('oracle', { id: oracle.id, name: oracle.name, text: oracle.text }, () => explainOracle(oracle))
      if (profile) return tell('profile', { facts: profile }, () => explainProfile(profile))
      if (isFile(name) || builtInRaces().includes(name)) {
        const race = await loadRace(name)
        return tell('race', { ...race, cpus: Object.keys(race.cpus), setup: undefined, changes: race.changes?.map(({ id }) => id) }, () => explainRace(race))
      }
      const of = kernelFunction(name)
      if (of) {
        const races = await racesThatRun(of.name, of.file)
        return tell('function', { ...of, races }, () => explainFunction(of, races))
      }
      if (found instanceof UserError && found.code !== 'unknown-change') throw found
      const names = [...kernelNames, ...changes.map(({ id }) => id), ...oracles.keys(), ...profileNames, ...builtInRaces()]
      throw new UserError('unknown-name', `nothing is called ${shown(name)}`, nearestHint(name, names, nearestFunction(name, 'mmrace list races, kernels, changes, profiles or oracles shows the names; docs/functions.md those of functions')))
    })
}
