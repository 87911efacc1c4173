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
import { isFile } from '../is-file.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'

/** `mmrace explain`: what a kernel, a change, an oracle, a profile or a race is. */
export function addExplain(program: Command, print: Print): void {
  program.command('explain').description('what a kernel, change, oracle, profile or race is, with references')
    .argument('<name>', '7.3, a commit id, O1 … O17, a profile, or a race')
    .action(async (name: string) => {
      const found = namedChanges(name)
      const oracle = oracles.get(name) ?? oracles.get(name.toUpperCase())
      const profile = profileByName(name)
      if (isKernelName(name)) return print(explainKernel(name))
      if (!(found instanceof UserError)) return print(found.map(explainChange).join('\n\n'))
      if (oracle) return print(explainOracle(oracle))
      if (profile) return print(explainProfile(profile))
      if (isFile(name) || builtInRaces().includes(name)) return print(explainRace(await loadRace(name)))
      if (found instanceof UserError && found.code !== 'unknown-change') throw found
      const names = [...kernelNames, ...changes.map(({ id }) => id), ...oracles.keys(), ...profileNames, ...builtInRaces()]
      throw new UserError('unknown-name', `nothing is called ${shown(name)}`, nearestHint(name, names, 'mmrace list races, kernels, changes, profiles or oracles shows the names'))
    })
}
