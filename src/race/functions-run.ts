import type { Loaded } from '../engine/learn/loaded.js'
import { notingCalls } from '../engine/model/sequential.js'
import { boot, type Conditions } from './boot.js'
import type { Race } from './race.js'

/** The functions of model code that a race has run, to set it up and in its search: `src/kernel/mm/gup/gup_pte_range.ts gup_pte_range`. */
export const functionsRun = (race: Race, conditions: Conditions, { automaton }: Loaded): string[] =>
  [...new Set([...notingCalls(() => boot(race, conditions)), ...automaton.called].flatMap(({ file, name }) => (file === undefined ? [] : [`${file} ${name}`])))].toSorted()
