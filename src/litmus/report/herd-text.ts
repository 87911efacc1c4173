import type { LitmusReport } from '../run-litmus.js'

const CLAIM = { exists: 'Allowed', '~exists': 'Forbidden', forall: 'Required' } as const

/** The result in the grammar of herd7's output. */
export function herdText({ test, observation, ok, counts }: LitmusReport): string[] {
  const numbers = counts?.complete ? ` ${counts.positive} ${counts.negative}` : ''
  return [
    `Test ${test.name} ${CLAIM[test.quantifier]}`,
    ...(counts ? [`States ${counts.states.length}${counts.complete ? '' : ' (of more: counting stopped at its limit)'}`] : []),
    ...(counts?.states ?? []),
    ok === undefined ? 'Unknown' : ok ? 'Ok' : 'No',
    ...(counts?.complete ? ['Witnesses', `Positive: ${counts.positive} Negative: ${counts.negative}`] : []),
    ...(counts?.flags ?? []).map((flag) => `Flag ${flag}`),
    `Condition ${test.quantifier} ${test.conditionText}`,
    `Observation ${test.name} ${observation ?? 'Unknown'}${numbers}`,
  ]
}
