import type { Observation } from '../lkmm/check-lkmm.js'
import type { Model } from '../reachable.js'

/** What a CSV file says of one test; what it leaves empty is not compared. */
export interface Expectation {
  readonly observation: Observation | undefined
  readonly states: number | undefined
  readonly dataRace: boolean | undefined
}

const COLUMN: Record<Model, string> = { lkmm: 'expected', tso: 'expected_tso', sc: 'expected_sc' }

/**
 * Expected results by path, from a CSV with the columns `path`, `expected` (or `expected_sc`, `expected_tso`: the words
 * of herd7's Observation), and for the Linux-kernel model `nstates` and `data_race` (1 or 0) where present.
 */
export function readExpectations(csv: string, model: Model): Map<string, Expectation> {
  const [head = [], ...rows] = parseCsv(csv)
  const column = (name: string): ((row: readonly string[]) => string | undefined) => {
    const index = head.indexOf(name)
    return (row) => row[index] || undefined
  }
  const [path, observation, states, dataRace] = ['path', COLUMN[model], 'nstates', 'data_race'].map(column)
  const counts = model === 'lkmm'
  return new Map(rows.filter((row) => path!(row)).map((row) => [path!(row)!, {
    observation: observation!(row) as Observation | undefined,
    states: counts && states!(row) ? Number(states!(row)) : undefined,
    dataRace: counts && dataRace!(row) ? dataRace!(row) === '1' : undefined,
  }]))
}

/** The expectation whose path the file's path ends with. */
export function expectationFor<T>(file: string, expectations: ReadonlyMap<string, T>): T | undefined {
  for (let rest = file.replaceAll('\\', '/'); ; ) {
    const found = expectations.get(rest)
    const slash = rest.indexOf('/')
    if (found || slash < 0) return found
    rest = rest.slice(slash + 1)
  }
}

/** Rows of fields; fields may be quoted, with quotes doubled inside (RFC 4180). */
export function parseCsv(text: string): string[][] {
  return text.split(/\r?\n/).filter((line) => line !== '').map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) =>
      (quoted === undefined ? bare! : quoted.replaceAll('""', '"'))))
}
