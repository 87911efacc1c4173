import { asExpected, type Outcome, variantOf } from '../race/check.js'
import type { Race } from '../race/race.js'
import { wrap } from './commit-table.js'
import { oracleName } from './verdict.js'

const WIDTH = 80

/** The verdicts of one race: a row for each profile, a column for each variant. `!` marks what history denies. */
export function matrixTable(race: Race, outcomes: readonly Outcome[]): string {
  const variants = Object.keys(race.variants)
  const archs = [...new Set(outcomes.map((o) => o.conditions.arch))]
  const at = (arch: string, variant: string): Outcome | undefined =>
    outcomes.find((o) => o.conditions.arch === arch && variantOf(race, o.conditions)?.[0] === variant)
  const rows = [['', ...variants], ...archs.map((arch) => [arch, ...variants.map((variant) => cellText(at(arch, variant)))])]
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const lines = rows.map((row) => `  ${row.map((text, i) => text.padEnd(widths[i]!)).join('  ')}`.trimEnd())
  const tags = [race.seed, race.bug, race.question].filter((tag) => tag !== undefined).join(' ')
  return [`${race.name}${tags === '' ? '' : `  (${tags})`}`, `  ${race.title}`, '', ...lines, '', ...legend(race), ...summary(outcomes)].join('\n')
}

function cellText(outcome: Outcome | undefined): string {
  if (!outcome) return '-'
  const { result, neverReached } = outcome
  const mark = asExpected(outcome) === false ? ' !' : ''
  if (result.verdict === 'violated') return [...new Set(result.found.map((f) => f.violation.oracle))].toSorted().join(' ') + mark
  if (result.verdict === 'holds') return (neverReached.length > 0 ? 'vacuous' : 'holds') + mark
  return result.verdict + mark
}

function legend(race: Race): string[] {
  return Object.entries(race.variants).flatMap(([name, { revert = [], apply = [], because }]) => {
    const what = [revert.length > 0 ? `without ${revert.join(', ')}` : '', apply.length > 0 ? `with ${apply.join(', ')}` : '', because ?? '']
    const text = what.filter((part) => part !== '').join(': ')
    return wrap(`${name}: ${text === '' ? 'Linux 6.1' : text}`, WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line)
  })
}

function summary(outcomes: readonly Outcome[]): string[] {
  const oracles = [...new Set(outcomes.flatMap((o) => (o.result.verdict === 'violated' ? o.result.found.map((f) => f.violation.oracle) : [])))]
  const vacuous = outcomes.some((o) => o.result.verdict === 'holds' && o.neverReached.length > 0)
  const note = vacuous ? ['  vacuous: holds, but what the race is about never happens there'] : []
  const names = oracles.toSorted().map((id) => (oracleName(id) === id ? id : `${id} ${oracleName(id)}`)).join(', ')
  const judged = outcomes.map((o) => asExpected(o)).filter((as) => as !== undefined)
  const right = judged.filter(Boolean).length
  const verdict = `  ${right} of ${judged.length} as history says${right < judged.length ? '; ! marks the others' : ''}`
  return [...note, ...(names === '' ? [] : wrap(names, WIDTH - 2).map((line) => `  ${line}`)), verdict]
}
