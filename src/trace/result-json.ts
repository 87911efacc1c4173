import { asExpected, type Outcome } from '../race/check.js'
import { isVacuous } from '../race/is-vacuous.js'
import { traceOf } from './trace.js'

/** An outcome for programs. */
export function resultJson(outcome: Outcome): object {
  const { race, conditions, result, shown, neverReached, lockCycles } = outcome
  const expected = asExpected(outcome)
  return {
    race: race.name,
    ...conditions,
    verdict: result.verdict,
    ...(isVacuous(outcome) && { vacuous: true }),
    ...(expected !== undefined && { asExpected: expected }),
    ...(result.verdict === 'violated' && { violations: result.found.map(({ violation }) => violation) }),
    ...(result.verdict === 'not-found' && { how: result.how, stopped: result.stopped }),
    ...(result.verdict === 'inconclusive' && { why: result.why }),
    ...('fair' in result && result.fair && { fair: { message: result.fair.violation.message, trace: traceOf(outcome.loaded, result.fair) } }),
    ...(lockCycles.length > 0 && { lockCycles }),
    neverReached,
    stats: result.stats,
    ...(shown && { best: shown.best, trace: traceOf(outcome.loaded, shown.found) }),
  }
}
