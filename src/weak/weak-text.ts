import { parseLitmus } from '../litmus/parse/parse-litmus.js'
import { explanationText } from '../litmus/report/verdict-text.js'
import { runLitmus } from '../litmus/run-litmus.js'
import type { RaceTest } from './race-tests.js'

/** Who can have the outcome of a test. `address`: only where no address depends on what was read. */
export type Who = 'TSO' | 'LKMM' | 'address' | 'unknown' | 'forbidden'

export const whoHas = ({ tso, lkmm, unlessAddress }: RaceTest): Who =>
  (tso ? 'TSO' : lkmm === undefined ? 'unknown' : !lkmm ? 'forbidden' : unlessAddress ? 'address' : 'LKMM')

/** Critical cycles on the same cells with the same answer, which differ in places: the first, and how many they are. */
export interface CycleGroup {
  readonly test: RaceTest
  readonly places: number
}

export function groupsOf(tests: readonly RaceTest[]): CycleGroup[] {
  const groups = new Map<string, { test: RaceTest; places: number }>()
  for (const test of tests) {
    const key = `${whoHas(test)} ${test.kind}`
    const group = groups.get(key)
    if (group) group.places++
    else groups.set(key, { test, places: 1 })
  }
  return [...groups.values()]
}

/** `14 critical cycles of two lanes, all forbidden by the LKMM` */
export function weakSummary(groups: readonly CycleGroup[]): string {
  const cycles = `${groups.length} critical ${groups.length === 1 ? 'cycle' : 'cycles'} of two lanes`
  const count = (who: Who): number => groups.filter(({ test }) => whoHas(test) === who).length
  const some = (n: number, what: string): string[] => (n > 0 ? [`${n} ${what}`] : [])
  const parts = [
    ...some(count('TSO'), 'can happen on TSO'),
    ...some(count('LKMM'), 'under the LKMM'),
    ...some(count('address'), 'under the LKMM unless an address depends on what was read'),
    ...some(count('unknown'), 'undecided'),
  ]
  return parts.length === 0 ? `${cycles}, all forbidden by the LKMM` : `${cycles}: ${parts.join(', ')}`
}

/** One line of a list: who can have it, its name, the two accesses of each lane, and in how many places. */
export const weakLine = ({ test, places }: CycleGroup): string =>
  `${whoHas(test).padEnd(9)}  ${test.name}  ${test.lanes.join('  |  ')}${places > 1 ? `  (and ${places - 1} alike)` : ''}`

/** The test, an execution of it drawn, and the barriers that would forbid it. */
export function weakExplained({ source }: RaceTest): string[] {
  return [...source.trimEnd().split('\n'), ...explanationText(runLitmus(parseLitmus(source), 'lkmm', true))]
}
