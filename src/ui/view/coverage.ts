import type { Loaded } from '../../engine/learn/loaded.js'
import { knownFunctions } from '../../engine/model/fn.js'
import type { FunctionCoverage } from './view.js'

/** The functions of the kernel files that the search came through, those that no run reached first. */
export function coverageOf({ automaton }: Loaded): FunctionCoverage[] {
  const reached = new Set(automaton.states.flatMap(({ frames }) => frames.map(({ fn }) => `${fn.file} ${fn.name}`)))
  const files = new Set(automaton.states.flatMap(({ frames }) => frames.map(({ fn }) => fn.file)))
  return [...knownFunctions.values()]
    .filter(({ file }) => file?.startsWith('src/kernel/') && files.has(file))
    .map(({ name, file }) => ({ name, file: file!, reached: reached.has(`${file} ${name}`) }))
    .toSorted((a, b) => Number(a.reached) - Number(b.reached) || a.file.localeCompare(b.file) || a.name.localeCompare(b.name))
}
