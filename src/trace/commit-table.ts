import type { Row } from './rows.js'

export interface TableOptions {
  /** Columns; 72 as in a commit message. At least 40. */
  readonly width?: number
  /** Number the steps `A1`, `B2` … so that prose can refer to them. */
  readonly numbers?: boolean
}

const MAX_LANES = 3
const MARGIN = 2
const GAP = 2
const MIN_LANE = 24

/** Letters of the lanes. */
export const laneLetter = (lane: number): string => String.fromCharCode(65 + lane)

/** The `CPU A | CPU B` table of a run, with the verdict as its last line. Spaces and ASCII only. */
export function commitTable(names: readonly string[], rows: readonly Row[], verdict: string | undefined, options: TableOptions = {}): string[] {
  const width = options.width ?? 72
  const labelled = options.numbers ? numbered(rows) : rows
  // A lane of which nothing is shown needs no column.
  const lanes = names.map((name, lane) => ({ name, lane })).filter(({ lane }) => rows.some((row) => row.lane === lane))
  const column = Math.floor((width - MARGIN - GAP * (lanes.length - 1)) / lanes.length)
  const body = lanes.length > MAX_LANES || column < MIN_LANE
    ? prefixed(lanes, labelled, width)
    : columns(lanes, labelled, column)
  return verdict === undefined ? body : [...body, ...verdictLine(verdict, width)]
}

interface Lane {
  readonly name: string
  /** Its number among all lanes of the run. */
  readonly lane: number
}

function numbered(rows: readonly Row[]): Row[] {
  const counts: number[] = []
  return rows.map((row) => {
    if (row.step === undefined) return row
    const count = (counts[row.lane] = (counts[row.lane] ?? 0) + 1)
    return { ...row, text: `${laneLetter(row.lane)}${count} ${row.text}` }
  })
}

function columns(lanes: readonly Lane[], rows: readonly Row[], column: number): string[] {
  const start = (place: number): number => MARGIN + place * (column + GAP)
  const headers = lanes.map(({ name, lane }) => `CPU ${laneLetter(lane)}  ${name}`.slice(0, column))
  const across = (texts: readonly string[]): string =>
    texts.reduce((line, text, place) => line.padEnd(start(place)) + text, '').trimEnd()
  const lines = [across(headers), across(headers.map((header) => '-'.repeat(header.length)))]
  const loop: number[] = []
  for (const row of rows) {
    const place = lanes.findIndex(({ lane }) => lane === row.lane)
    for (const text of cell(row, column)) {
      if (row.loops) loop.push(lines.length)
      lines.push(' '.repeat(start(place)) + text)
    }
  }
  return withLoop(lines, loop)
}

/** Draws a loop in the margin, around these lines. */
function withLoop(lines: readonly string[], loop: readonly number[]): string[] {
  const first = loop[0] ?? -1
  const last = loop[loop.length - 1] ?? -1
  const edge = (i: number): string => (i === first ? '.>' : i === last ? "'-" : '| ')
  return lines.map((line, i) => (i < first || i > last ? line : edge(i) + line.slice(MARGIN)))
}

/** More lanes than fit side by side: each line begins with its lane. */
function prefixed(lanes: readonly Lane[], rows: readonly Row[], width: number): string[] {
  const lines = lanes.map(({ name, lane }) => `  ${laneLetter(lane)}: ${name}`)
  lines.push('')
  for (const row of rows) for (const text of cell(row, width - 5)) lines.push(`  ${laneLetter(row.lane)}: ${text}`)
  return lines
}

/** The lines of one row within its column: the text, then the comment beside it if it fits, else below. */
function cell(row: Row, column: number): string[] {
  const indent = ' '.repeat(row.indent)
  const text = wrap(row.text, column - row.indent).map((line, i) => indent + (i > 0 ? '  ' : '') + line)
  if (row.comment === undefined) return text
  const beside = `${text[text.length - 1]}  // ${row.comment}`
  if (beside.length <= column) return [...text.slice(0, -1), beside]
  const below = wrap(row.comment, column - row.indent - 5).map((line) => `${indent}  // ${line}`)
  return [...text, ...below]
}

/** Where a long word may be cut: after these. */
const JOINT = /[_.,([>-]/

/** How much of a word goes on one line: up to the last joint in its second half, if there is one. */
function cutOf(word: string, width: number): number {
  for (let end = width; end > width / 2; end--) if (JOINT.test(word[end - 1]!)) return end
  return width
}

/** Breaks at spaces; a word that is longer than a line is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    for (let rest = word, first = true; first || rest !== ''; first = false) {
      const joined = line === '' ? rest : `${line} ${rest}`
      if (joined.length <= width) {
        line = joined
        rest = ''
      } else if (line !== '') {
        lines.push(line)
        line = ''
        first = true
        if (rest.length <= width) {
          line = rest
          rest = ''
        }
      } else {
        const cut = cutOf(rest, width)
        lines.push(rest.slice(0, cut))
        rest = rest.slice(cut)
      }
      if (rest === '') break
    }
  }
  return [...lines, line]
}

function verdictLine(verdict: string, width: number): string[] {
  const lines = wrap(`*** ${verdict} ***`, width - MARGIN)
  const indent = Math.max(MARGIN, Math.floor((width - Math.max(...lines.map((line) => line.length))) / 2))
  return lines.map((line, i) => ' '.repeat(i === 0 ? indent : indent + 4).slice(0, width - line.length) + line)
}
