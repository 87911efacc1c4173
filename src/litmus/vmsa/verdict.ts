import { parseCsv } from '../compare/expectations.js'
import type { VmsaResult } from './check-vmsa.js'

/** What Arm's tests are labelled with: the condition never, possibly, or (`forall`) always holds. */
export type VmsaVerdict = 'forbid' | 'allow' | 'require'

export const verdictOf = ({ observation, test }: VmsaResult): VmsaVerdict =>
  observation === 'Never' ? 'forbid' : observation === 'Always' && test.quantifier === 'forall' ? 'require' : 'allow'

export interface VmsaExpectation {
  readonly verdict: string
  /** Whether herd7 warns that break-before-make is missing; undefined if the file does not say. */
  readonly breakBeforeMake: boolean | undefined
}

/** Expected results by path, from a CSV with the columns `path`, `expected` (or `expected_ets2`) and, if known, `bbm_warning` (1 or 0). */
export function readVmsaExpectations(csv: string, ets2: boolean): Map<string, VmsaExpectation> {
  const [head = [], ...rows] = parseCsv(csv)
  const [path, expected, warning] = ['path', ets2 ? 'expected_ets2' : 'expected', 'bbm_warning'].map((name) => head.indexOf(name))
  return new Map(rows.filter((row) => row[path!] && row[expected!]).map((row) => [row[path!]!, {
    verdict: row[expected!]!,
    breakBeforeMake: row[warning!] ? row[warning!] === '1' : undefined,
  }]))
}
