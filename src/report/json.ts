import type { Case, Report } from './case.js'

/** How the results of a matrix are written to a file: for programs, and for `mmrace merge`. */
export interface Results {
  readonly format: 'mmrace-results'
  readonly version: 1
  readonly mmrace: string
  readonly date: string
  readonly cases: readonly Case[]
}

export const json = ({ version, date, cases }: Report, more: object = {}): string =>
  `${JSON.stringify({ format: 'mmrace-results', version: 1, mmrace: version, date: date.toISOString(), ...more, cases } satisfies Results, undefined, 1)}\n`
