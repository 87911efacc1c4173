import { table } from './report.js'
import type { Trace } from './trace.js'

const CHAR = 7.83
const LINE = 18
const PAD = 16
/** Readable on white and on black, and apart for those who see few colours. */
const LANES = ['#0b6bcb', '#b35900', '#8250df', '#1a7f37', '#57606a']
const VERDICT = '#cf222e'

const xml = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The table of a run as a picture: a column of its own colour for each lane. `width` in columns of text. */
export function runSvg(trace: Trace, title: string, width = 80): string {
  const lines = table(trace, { width })
  const starts = [...lines[0]!.matchAll(/CPU [A-Z](?: {2}|$)/g)].map(({ index }) => index)
  const banner = lines.findIndex((line) => /^ +\*\*\* /.test(line))
  const widest = Math.max(...lines.map((line) => line.length))
  const size = [Math.ceil(widest * CHAR + 2 * PAD), lines.length * LINE + 2 * PAD] as const
  const texts = lines.flatMap((line, i) => (banner >= 0 && i >= banner ? [part(line, 0, VERDICT, i)] : parts(line, starts).map(([text, at, lane]) => part(text, at, LANES[lane % LANES.length]!, i))))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" width="${size[0]}" height="${size[1]}" role="img" aria-label="${xml(title)}">`,
    `<title>${xml(title)}</title>`, '<style>text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }</style>',
    '<rect width="100%" height="100%" fill="#fff"/>', ...texts, '</svg>',
  ].join('\n')

  function part(text: string, at: number, colour: string, line: number): string {
    const indent = text.length - text.trimStart().length
    const words = text.trim()
    // The length is said, so that another font moves nothing.
    return words === '' ? '' : `<text x="${(PAD + (at + indent) * CHAR).toFixed(1)}" y="${PAD + (line + 1) * LINE - 5}" textLength="${(words.length * CHAR).toFixed(1)}" fill="${colour}">${xml(words)}</text>`
  }
}

/** A line by lanes. Without columns each line says whose it is. */
function parts(line: string, starts: readonly number[]): (readonly [text: string, at: number, lane: number])[] {
  if (starts.length < 2) return [[line, 0, Math.max(0, (/^ {2}([A-Z]): /.exec(line)?.[1]?.charCodeAt(0) ?? 65) - 65)]]
  return starts.map((start, lane) => [line.slice(start, starts[lane + 1]), start, lane])
}
