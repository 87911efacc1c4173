import type { Report } from './case.js'

/** How the results of a matrix are written to a file: for programs, and for `mmrace merge`. */
export interface Results extends Omit<Report, 'version' | 'date' | 'text'> {
  readonly format: 'mmrace-results'
  readonly version: 1
  readonly mmrace: string
  readonly date: string
}

export function json({ version, date, cases, part, coverage, model }: Report): string {
  const results: Results = {
    format: 'mmrace-results', version: 1, mmrace: version, date: date.toISOString(),
    ...(model !== undefined && { model }), ...(part && { part }), cases, ...(coverage && { coverage }),
  }
  return `${JSON.stringify(results, undefined, 1)}\n`
}

export const isResults = (value: unknown): value is Results => typeof value === 'object' && value !== null
  && 'format' in value && value.format === 'mmrace-results' && 'version' in value && value.version === 1 && 'cases' in value && Array.isArray(value.cases)
