import { DEFAULT_KERNEL, type KernelName, kernelNames } from '../machine/kernels.js'
import type { Cell } from '../race/cell.js'
import type { Race } from '../race/race.js'
import { wrap } from './commit-table.js'
import { oracleName } from './verdict.js'

const WIDTH = 80

/** The verdicts of one race: a block for each kernel, a row for each profile, a column for each variant. `!` marks what history denies. */
export function matrixTable(race: Race, cells: readonly Cell[]): string {
  const variants = Object.keys(race.variants)
  const kernels = kernelNames.filter((kernel) => cells.some((cell) => cell.kernel === kernel))
  const named = kernels.length > 1 || kernels[0] !== DEFAULT_KERNEL
  const block = (kernel: KernelName): string[] => {
    const own = cells.filter((cell) => cell.kernel === kernel)
    const archs = [...new Set(own.map((cell) => cell.arch))]
    const at = (arch: string, variant: string): Cell | undefined => own.find((c) => c.arch === arch && c.variant === variant)
    return columns([[named ? `Linux ${kernel}` : '', ...variants], ...archs.map((arch) => [arch, ...variants.map((variant) => cellText(at(arch, variant)))])])
  }
  const tags = [race.seed, race.bug, race.question].filter((tag) => tag !== undefined).join(' ')
  return [
    `${race.name}${tags === '' ? '' : `  (${tags})`}`, ...indented(race.title), '',
    ...kernels.flatMap((kernel, i) => [...(i > 0 ? [''] : []), ...block(kernel)]), '', ...legend(race), ...weakMemory(race), ...summary(cells),
  ].join('\n')
}

const indented = (text: string): string[] => wrap(text, WIDTH - 2).map((line) => `  ${line}`)

/** Columns side by side as far as the width goes, then again below with the first column. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  const bands: number[][] = [[]]
  let used = widths[0]! + 2
  widths.slice(1).forEach((width, i) => {
    if (used + width + 2 > WIDTH && bands[bands.length - 1]!.length > 0) {
      bands.push([])
      used = widths[0]! + 2
    }
    bands[bands.length - 1]!.push(i + 1)
    used += width + 2
  })
  return bands.flatMap((band, b) => [
    ...(b > 0 ? [''] : []),
    ...rows.map((row) => `  ${[0, ...band].map((i) => row[i]!.padEnd(widths[i]!)).join('  ')}`.trimEnd()),
  ])
}

/** `holds`, the oracles violated, or `vacuous` when what the race is about never happened, `absent` when it is not there. */
export function cellText(cell: Cell | undefined): string {
  if (!cell) return '-'
  const mark = cell.asExpected ? '' : ' !'
  if (cell.verdict === 'violated') return cell.oracles.join(' ') + mark
  if (cell.verdict === 'holds') return (cell.neverReached.length > 0 ? 'vacuous' : 'holds') + mark
  return cell.verdict + mark
}

function legend(race: Race): string[] {
  return Object.entries(race.variants).flatMap(([name, { revert = [], apply = [], with: values = {}, because }]) => {
    const put = [...apply, ...Object.entries(values).map(([key, value]) => `${key}: ${value}`)]
    const changes = [...(revert.length > 0 ? [`without ${revert.join(', ')}`] : []), ...(put.length > 0 ? [`with ${put.join(', ')}`] : [])]
    const what = `${name}${changes.length > 0 ? ` (${changes.join('; ')})` : ''}`
    const text = because ?? (changes.length > 0 ? undefined : 'Linux as released')
    return wrap(text === undefined ? what : `${what}: ${text}`, WIDTH - 4).map((line, i) => (i === 0 ? '  ' : '    ') + line)
  })
}

function weakMemory({ litmus = [] }: Race): string[] {
  return litmus.flatMap((name) => ['  on weak memory only:', `    mmrace litmus races/litmus/${name}.litmus`])
}

function summary(cells: readonly Cell[]): string[] {
  const oracles = [...new Set(cells.flatMap((cell) => cell.oracles))].toSorted()
  const names = oracles.map((id) => (oracleName(id) === id ? id : `${id} ${oracleName(id)}`)).join(', ')
  const missing = [...new Set(cells.flatMap((cell) => cell.missing))]
  const vacuous = cells.some((cell) => cellText(cell).startsWith('vacuous'))
  return [
    ...(missing.length > 0 ? [`  absent: there is no ${missing.join(', ')}`] : []),
    ...(vacuous ? ['  vacuous: holds, but what the race is about never happens there'] : []),
    ...(names === '' ? [] : indented(names)),
    ...indented(tally(cells)),
  ]
}

/** How many verdicts are as history says. */
export function tally(cells: readonly Cell[]): string {
  const right = cells.filter((cell) => cell.asExpected).length
  return `${right} of ${cells.length} as history says${right < cells.length ? '; ! marks the others' : ''}`
}
