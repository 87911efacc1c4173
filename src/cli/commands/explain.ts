import type { Command } from 'commander'
import { UserError } from '../../engine/errors.js'
import { changeById } from '../../kernel/changes/index.js'
import { profileByName } from '../../machine/profiles/index.js'
import { oracles } from '../../oracles/index.js'
import { explainChange, explainOracle, explainProfile, explainRace } from '../../trace/explain.js'
import { isFile } from '../is-file.js'
import type { Print } from '../print.js'
import { builtInRaces, loadRace } from '../races.js'

/** `mmrace explain`: what a change, an oracle, a profile or a race is. */
export function addExplain(program: Command, print: Print): void {
  program.command('explain').description('what a change, oracle, profile or race is, with references')
    .argument('<name>', 'a commit id, O1 … O17, a profile, or a race')
    .action(async (name: string) => {
      const change = changeById(name)
      const oracle = oracles.get(name)
      const profile = profileByName(name)
      if (change) return print(explainChange(change))
      if (oracle) return print(explainOracle(oracle))
      if (profile) return print(explainProfile(profile))
      if (isFile(name) || builtInRaces().includes(name)) return print(explainRace(await loadRace(name)))
      throw new UserError('unknown-name', `nothing is called "${name}"`, 'mmrace list races, changes, profiles or oracles shows the names')
    })
}
