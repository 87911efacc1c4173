import type { ChangeCell } from '../race/change-cell.js'
import type { Cell } from '../race/cell.js'
import { wrap } from './commit-table.js'
import { cellText } from './matrix-table.js'
import { plural } from './verdict.js'

const WIDTH = 80

/** What changes do to a verdict. */
export type Turn = 'closes' | 'breaks' | 'other' | 'hides' | 'unknown' | 'none'

const TEXTS: Readonly<Record<Exclude<Turn, 'none'>, string>> = {
  breaks: 'breaks what held', closes: 'closes what was violated', other: 'violates other oracles',
  hides: 'holds, but what the race is about does not happen any more', unknown: 'not searched to the end',
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join()

/** A search that ended early says nothing of what changed. */
export function turnOf({ before, after }: ChangeCell): Turn {
  if (before === after) return 'none'
  const searched = ({ verdict }: Cell): boolean => verdict === 'holds' || verdict === 'violated'
  if (!searched(before) || !searched(after)) return 'unknown'
  if (after.verdict === 'violated') return before.verdict === 'holds' ? 'breaks' : same(before.oracles, after.oracles) ? 'none' : 'other'
  if (after.neverReached.some((name) => !before.neverReached.includes(name))) return 'hides'
  return before.verdict === 'violated' ? 'closes' : 'none'
}

/** What changes of a user's do to the verdicts of races: which turn, and which way. */
export function changeReport(ids: readonly string[], cells: readonly ChangeCell[]): string {
  const lines = (Object.keys(TEXTS) as (keyof typeof TEXTS)[]).flatMap((turn) => {
    const rows = rowsOf(cells.filter((cell) => turnOf(cell) === turn))
    return rows.length === 0 ? [] : [TEXTS[turn], ...rows.flatMap((row) => wrap(row, WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line)), '']
  })
  return [...lines, ...summary(ids, cells)].join('\n')
}

/** A line for each race, variant and pair of verdicts, with the architectures. */
function rowsOf(cells: readonly ChangeCell[]): string[] {
  const archs = new Map<string, string[]>()
  for (const { before, after } of cells) {
    const lost = after.neverReached.filter((name) => !before.neverReached.includes(name))
    const kernels = new Set(cells.map((cell) => cell.before.kernel)).size > 1 ? `  Linux ${before.kernel}` : ''
    const key = [`${before.race}  ${before.variant}${kernels}`, `${word(before)} > ${word(after)}${lost.length > 0 ? `, never ${lost.join(', ')}` : ''}`]
    archs.set(key.join('\n'), [...archs.get(key.join('\n')) ?? [], before.arch])
  }
  return [...archs].map(([key, names]) => {
    const [who, what] = key.split('\n')
    return `${who}  ${what}  on ${names.join(', ')}`
  })
}

const word = (cell: Cell): string => cellText({ ...cell, asExpected: true })

function summary(ids: readonly string[], cells: readonly ChangeCell[]): string[] {
  const races = (chosen: readonly ChangeCell[]): number => new Set(chosen.map(({ before }) => before.race)).size
  const run = cells.filter(({ executed }) => executed.length > 0)
  const turned = cells.filter((cell) => turnOf(cell) !== 'none')
  const idle = ids.filter((id) => cells.every(({ executed }) => !executed.includes(id)))
  const [verb, turns] = ids.length > 1 ? ['run', 'turn'] : ['runs', 'turns']
  return [
    `${plural(races(cells), 'race')}, ${plural(cells.length, 'verdict')}: ${ids.join(', ')} ${verb} in ${plural(races(run), 'race')}, and ${turns} ${plural(turned.length, 'verdict')}`,
    ...idle.map((id) => `${id} changes nothing here: no run executes it`),
  ]
}
