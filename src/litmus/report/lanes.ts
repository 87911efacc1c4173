/** Columns of a table at most; checkpatch warns above 75. */
export const WIDTH = 72
const MAX_LANES = 3
const GAP = 3

/** A step for a table: whose it is, its text, and what it did, which is written as a comment. */
export interface Line {
  readonly thread: number
  readonly text: string
  readonly effect: string
}

/** `A` for thread 0 and so on; `P26` after `Z`. */
export const laneName = (thread: number): string =>
  thread < 26 ? String.fromCharCode(65 + thread) : `P${thread}`

/** Steps in lanes, one for each thread; if that does not fit, with the thread before each. */
export const drawLanes = (steps: readonly Line[], threads: number, width = WIDTH): string[] =>
  inLanes(steps, threads, width) ?? steps.flatMap((step) => cells(step, width).map((text) => `  ${laneName(step.thread)}: ${text}`))

/** The lines of a step: its effect beside the text if it fits into `width`, otherwise below. */
function cells({ text, effect }: Line, width: number): string[] {
  if (!effect) return [text]
  const one = `${text}  // ${effect}`
  return one.length <= width ? [one] : [text, `     // ${effect}`]
}

function inLanes(steps: readonly Line[], threads: number, width: number): string[] | undefined {
  const most = Math.floor((width - 2 - GAP * (threads - 1)) / threads)
  const lanes = Array.from({ length: threads }, (_, thread) => {
    const title = `CPU ${laneName(thread)}  P${thread}()`
    const texts = steps.filter((step) => step.thread === thread).flatMap((step) => cells(step, most))
    return { title, width: Math.max(title.length, ...texts.map((text) => text.length)) }
  })
  if (threads > MAX_LANES || lanes.some((lane) => lane.width > most)) return undefined
  const line = (cell: (thread: number) => string): string =>
    `  ${lanes.map((lane, thread) => cell(thread).padEnd(lane.width)).join(' '.repeat(GAP))}`.trimEnd()
  return [
    line((thread) => lanes[thread]!.title),
    line((thread) => '-'.repeat(lanes[thread]!.title.length)),
    ...steps.flatMap((step) => cells(step, most).map((text) => line((thread) => (thread === step.thread ? text : '')))),
  ]
}
