import type { Outcome } from './check.js'

/** Whether it holds because what the race is about never happens: an answer that says nothing. */
export const isVacuous = ({ result, neverReached: never }: Outcome): boolean =>
  result.verdict === 'holds' && never.length > 0
