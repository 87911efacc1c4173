import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const style = (how: Style, text: string): string => styleText(how, text, { validateStream: false })

const LANES: readonly Style[] = ['cyan', 'yellow', 'magenta', 'green', 'blue']
const lane = (n: number): Style => LANES[n % LANES.length]!

const VERDICTS: readonly (readonly [RegExp, Style])[] = [
  [/^(VIOLATED)/, ['red', 'bold']], [/^(HOLDS)/, ['green', 'bold']], [/^(NOT FOUND|NOT VIOLATED|INCONCLUSIVE|VACUOUS)/, ['yellow', 'bold']], [/^(ABSENT)/, 'dim'],
]

const CELL = 'holds|absent|vacuous|not-found|inconclusive|-|O\\d+(?: O\\d+)*|deadlock|livelock'
/** A row of a matrix or a history: a name, then verdicts. */
const ROW = new RegExp(`^  [\\w.-]+(?: +(?:${CELL})(?: !)?)+$`)
const ANY_CELL = new RegExp(`(?<= )(${CELL})( !)?(?= |$)`, 'g')

/**
 * A text as the commands print it, with the colours of a terminal: verdicts, lanes, values that changed. Colour says nothing that the
 * text does not say, and no space is moved.
 */
export function coloured(text: string): string {
  let starts: readonly number[] = []
  let banner = false
  return text.split('\n').map((line) => {
    for (const [word, how] of VERDICTS) if (word.test(line)) return line.replace(word, (found) => style(how, found))
    if (banner || /^ +\*\*\* /.test(line)) {
      banner = !line.endsWith('***')
      starts = []
      return style(['red', 'bold'], line)
    }
    if (/^ {2}CPU [A-Z] {2}/.test(line)) starts = [...line.matchAll(/CPU [A-Z](?: {2}|$)/g)].map(({ index }) => index)
    else if (line === '' || /^\S/.test(line)) starts = []
    if (starts.length > 0) return byColumn(line, starts)
    if (ROW.test(line)) return line.replaceAll(ANY_CELL, (cell) => verdictCell(cell))
    const prefixed = /^ {2}([A-Z]): /.exec(line)
    return prefixed ? laneText(line, prefixed[1]!.charCodeAt(0) - 65) : line
  }).join('\n')
}

/** Each lane in its colour. */
const byColumn = (line: string, starts: readonly number[]): string =>
  line.slice(0, starts[0]) + starts.map((start, i) => laneText(line.slice(start, starts[i + 1]), i)).join('')

/** A step in the colour of its lane; what is remarked on it dim, but for the value that something changed to. */
function laneText(text: string, n: number): string {
  const at = text.indexOf('//')
  const [step, comment] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)]
  const told = comment.split(/(?<=-> )([^,]*)/).map((part, i) => (part === '' ? '' : style(i % 2 === 1 ? 'bold' : 'dim', part))).join('')
  return (step.trim() === '' ? step : style(lane(n), step)) + told
}

function verdictCell(cell: string): string {
  if (cell.endsWith('!')) return style(['yellow', 'bold'], cell)
  if (cell === 'holds') return style('green', cell)
  return style(/^[Odl]/.test(cell) ? 'red' : 'dim', cell)
}
