import { changeById } from '../kernel/changes/index.js'
import type { KernelName } from '../machine/kernels.js'
import type { History } from '../race/history.js'
import type { Race } from '../race/race.js'
import { wrap } from './commit-table.js'
import { cellText, columns } from './matrix-table.js'

const WIDTH = 80

/** The verdicts of a race by kernel: a row for each profile; and what turned them. */
export function historyTable(race: Race, variant: string, rows: readonly History[]): string {
  const kernels = rows[0]?.cells.map(({ kernel }) => kernel) ?? []
  const table = columns([['', ...kernels], ...rows.map(({ arch, cells }) => [arch, ...cells.map((cell) => cellText(cell))])])
  const turned = kernels.flatMap((kernel) => turnLines(kernel, rows))
  return [
    `${race.name}  ${variant}`, ...wrap(race.title, WIDTH - 2).map((line) => `  ${line}`), '', ...table,
    ...(turned.length > 0 ? ['', ...turned] : []),
    ...(rows.some(({ cells }) => cells.some(({ asExpected }) => !asExpected)) ? ['', '  ! is not as history says'] : []),
  ].join('\n')
}

function turnLines(kernel: KernelName, rows: readonly History[]): string[] {
  const turns = rows.flatMap(({ arch, turns: own }) => own.filter((turn) => turn.kernel === kernel).map(({ by }) => ({ arch, by })))
  const ids = [...new Set(turns.flatMap(({ by }) => by))]
  const alone = turns.filter(({ by }) => by.length === 0).map(({ arch }) => arch)
  return [
    ...ids.flatMap((id) => paragraph(`${kernel}: ${id} ${changeById(id)?.title ?? ''}`)),
    ...(alone.length > 0 ? paragraph(`${kernel}: no change alone, or what the architecture is since, on ${alone.join(', ')}`) : []),
  ]
}

const paragraph = (text: string): string[] => wrap(text, WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line)
