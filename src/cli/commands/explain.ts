import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { nearestHint } from '../../engine/nearest.js'
import { shown } from '../../engine/shown.js'
import { changes } from '../../kernel/changes/index.js'
import { isKernelName, kernelNames } from '../../machine/kernels.js'
import { profileByName, profileNames } from '../../machine/profiles/index.js'
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
function explainFunction({ name, takes, file, line, kernelFile, text, changes: touching }: KernelFunction): string {
  const titles = touching.map((id) => `    ${id}  ${changes.find((change) => change.id === id)?.title ?? ''}`)
  return [
    `${name}  ${kernelFile ?? 'a function of the model'}`, `  ${file}:${line}`, `  takes ${takes}`,
    ...(text === '' ? [] : ['', ...wrap(text, WIDTH - 2).map((part) => `  ${part}`)]),
    '', ...(titles.length === 0 ? ['  no change touches it'] : ['  changes that touch it:', ...titles]),
  ].join('\n')
}

/** `mmrace explain`: what a kernel, a change, an oracle, a profile, a race or a function is. */
export function addExplain(program: Command, print: Print): void {
  program.command('explain').description('what a kernel, change, oracle, profile, race or function is, with references')
    .argument('<name>', '7.3, a commit id, O1 … O18, a profile, a race, or a function of the kernel')
    .action(async (name: string) => {
      const found = namedChanges(name)
      const oracle = oracles.get(name) ?? oracles.get(name.toUpperCase())
      const profile = profileByName(name)
      if (isKernelName(name)) return print(explainKernel(name))
      if (!(found instanceof UserError)) return print(found.map(explainChange).join('\n\n'))
      if (oracle) return print(explainOracle(oracle))
      if (profile) return print(explainProfile(profile))
      if (isFile(name) || builtInRaces().includes(name)) return print(explainRace(await loadRace(name)))
      const of = kernelFunction(name)
      if (of) {
        print(explainFunction(of))
        const races = await racesThatRun(of.name, of.file)
        return print(races.length === 0 ? '  none of the races that come with mmrace runs it' : ['  races that run it:', ...wrap(races.join(', '), WIDTH - 4).map((line) => `    ${line}`)].join('\n'))
      }
      if (found instanceof UserError && found.code !== 'unknown-change') throw found
      const names = [...kernelNames, ...changes.map(({ id }) => id), ...oracles.keys(), ...profileNames, ...builtInRaces()]
      throw new UserError('unknown-name', `nothing is called ${shown(name)}`, nearestHint(name, names, nearestFunction(name, 'mmrace list races, kernels, changes, profiles or oracles shows the names; docs/functions.md those of functions')))
    })
}
