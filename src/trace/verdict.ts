import { DEFAULT_KERNEL } from '../machine/kernels.js'
import type { Outcome } from '../race/check.js'
import { isVacuous } from '../race/is-vacuous.js'
import { variantOf } from '../race/variant-of.js'
import { nameOfOracle } from '../oracles/names.js'
import { rowsOf } from './rows.js'
import type { Bound, Stats } from '../engine/search/result.js'
import type { Trace } from './trace.js'
import { ownOracleName } from '../race/own-oracle.js'

/** A whole number with separators: `3,746,059`. */
export const count = (n: number): string => Math.round(n).toString().replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')

/** A share for people: `12%`. */
export const percent = (share: number): string => (share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`)

export const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`

/** The name of an oracle for people: `lost write` for O6. */
export const oracleName = (id: string): string => nameOfOracle(id) ?? ownOracleName(id) ?? id

/** The first word, in capitals, of every report. */
export function verdictWord(outcome: Outcome): 'VIOLATED' | 'HOLDS' | 'VACUOUS' | 'NOT FOUND' | 'INCONCLUSIVE' {
  if (isVacuous(outcome)) return 'VACUOUS'
  switch (outcome.result.verdict) {
    case 'violated':
      return 'VIOLATED'
    case 'holds':
      return 'HOLDS'
    case 'not-found':
      return 'NOT FOUND'
    case 'inconclusive':
      return 'INCONCLUSIVE'
  }
}

/** The first line of a report. */
export function headline(outcome: Outcome): string {
  const { result, shown, neverReached } = outcome
  const word = verdictWord(outcome)
  switch (result.verdict) {
    case 'violated': {
      const { oracle, message } = (shown?.found ?? result.found[0]).violation
      return `${word}  ${oracleName(oracle)}: ${message}`
    }
    case 'holds': {
      if (neverReached.length > 0) return `${word}  nothing is violated, and no run comes to ${neverReached.join(', ')}: what the race is about never happens`
      return `${word}  in every interleaving`
    }
    case 'not-found':
      return `${word}  ${result.how}: ${boundText(result.stopped, result.stats)} - not a proof`
    case 'inconclusive':
      return `${word}  ${result.why}`
  }
}

/** The conditions of a run, on one line: where the race has a name for them, with that. */
export function conditionsLine({ race, conditions }: Pick<Outcome, 'race' | 'conditions'>): string {
  const { arch, kernel = DEFAULT_KERNEL, revert = [], apply = [], with: values = {} } = conditions
  const variant = variantOf(race, conditions)?.[0]
  const put = [...apply, ...Object.entries(values).map(([name, value]) => `${name}: ${value}`)]
  const changes = [...(revert.length > 0 ? [`without ${revert.join(', ')}`] : []), ...(put.length > 0 ? [`with ${put.join(', ')}`] : [])]
  const form = [...(variant === undefined ? [] : [changes.length > 0 ? `${variant}: ${changes[0]}` : variant]), ...changes.slice(variant === undefined ? 0 : 1)]
  return [race.name, arch, ...(kernel === DEFAULT_KERNEL ? [] : [`Linux ${kernel}`]), ...form].join('  ')
}

/** How much was searched. */
export function searchLine({ result: { verdict, stats } }: Outcome): string {
  if (stats.runs !== undefined) return `sampled: ${plural(stats.runs, 'run')}, ${plural(stats.transitions, 'step')}`
  const complete = verdict === 'holds' ? 'exhaustive' : 'searched'
  const about = stats.share === undefined ? '' : `; roughly ${percent(stats.share)} of all states`
  return `${complete}: ${plural(stats.states, 'state')}, ${plural(stats.transitions, 'step')}, longest run ${stats.depth}${about}`
}

/** How long the run shown is. */
export function runLine({ shown }: Outcome, trace: Trace): string {
  const lanes = trace.steps.map((step) => step.lane)
  const switches = lanes.filter((lane, i) => i > 0 && lane !== lanes[i - 1]).length
  const hidden = trace.steps.length - rowsOf(trace).filter((row) => row.step !== undefined).length
  const which = shown!.best === 'first found' ? '' : ` (${shown!.best})`
  const local = hidden > 0 ? `; ${hidden} local steps not shown` : ''
  return `this run: ${plural(trace.steps.length, 'step')}, ${switches} ${switches === 1 ? 'switch' : 'switches'}${which}${local}`
}

function boundText({ bound, limit }: Bound, stats: Stats): string {
  switch (bound) {
    case 'states':
      return `stopped at ${plural(stats.states, 'state')}`
    case 'depth':
      return `runs cut at ${plural(limit, 'step')}, ${plural(stats.states, 'state')}`
    case 'seconds':
      return `stopped after ${limit} s, ${plural(stats.states, 'state')}`
    case 'bytes':
      return `stopped at ${count(limit / 1e6)} MB, ${plural(stats.states, 'state')}`
    case 'runs':
      return plural(limit, 'run')
    case 'interrupted':
      return `interrupted after ${plural(stats.states, 'state')}`
  }
}
