import { readdirSync } from 'node:fs'
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { changes } from '../../kernel/changes/index.js'
import { kernelNames } from '../../machine/kernels.js'
import { profileByName, profileNames } from '../../machine/profiles/index.js'
import { oracles } from '../../oracles/index.js'
import { builtInRaces } from '../races.js'

type Entry = readonly [name: string, text: string]

const races = (): Entry[] => builtInRaces().map((name) => [name, ''])
const commits = (): Entry[] => changes.map(({ id, title }) => [id, title])
const profiles = (): Entry[] => profileNames.map((name) => [name, profileByName(name)?.title ?? ''])
const kernels = (): Entry[] => kernelNames.map((name) => [name, ''])
const oracleIds = (): Entry[] => [...oracles.values()].map(({ id, name }) => [id, name])

/** Of the working directory: the shells are told of nothing else. */
const files = (ending: string): Entry[] => readdirSync('.').filter((file) => file.endsWith(ending)).map((file) => [file, ''])

/** What may stand behind an option, or as an argument, whichever command it is of. */
const OPTIONS: Readonly<Record<string, () => Entry[]>> = {
  arch: profiles, kernel: kernels, kernels, revert: commits, apply: commits, oracle: oracleIds, from: races, change: () => files('.ts'),
}
const ARGUMENTS: Readonly<Record<string, () => Entry[]>> = {
  race: () => [...races(), ...files('.ts')], trace: () => files('.json'), name: () => [...races(), ...commits(), ...profiles(), ...kernels(), ...oracleIds()],
}

/** `mmrace complete`: tab completion for bash, zsh, fish and PowerShell. Added after all other commands, of which it tells. */
export function addComplete(program: Command): void {
  const root = tab(program)
  const handler = (entries: () => Entry[]) => (complete: (name: string, text: string) => void) => {
    for (const [name, text] of entries()) complete(name, text)
  }
  for (const command of root.commands.values()) {
    for (const option of command.options.values()) {
      const entries = OPTIONS[option.value]
      if (entries) option.handler = handler(entries)
    }
    for (const argument of command.arguments.values()) {
      const entries = ARGUMENTS[argument.name]
      if (entries) argument.handler = handler(entries)
    }
  }
}
