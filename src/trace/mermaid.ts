import { laneLetter } from './commit-table.js'
import { rowsOf } from './rows.js'
import type { Trace } from './trace.js'
import { oracleName } from './verdict.js'

/** What mermaid would take for its own. */
const escaped = (text: string): string => text.replaceAll(/[#;<>&]/g, (sign) => `#${sign.charCodeAt(0)};`)

/**
 * A run as a mermaid sequence diagram: the steps of the table as notes over their lanes, and an arrow where a step reads what another
 * lane was the last to write.
 */
export function mermaid(trace: Trace): string {
  const rows = rowsOf(trace)
  const lines = trace.lanes.map((name, lane) => `  participant ${laneLetter(lane)} as CPU ${laneLetter(lane)} ${escaped(name)}`)
  for (const { lane, text, comment, step } of rows) {
    const here = laneLetter(lane)
    for (const arrow of step === undefined ? [] : seenOf(trace, step)) lines.push(`  ${laneLetter(arrow.from)}-->>${here}: ${escaped(arrow.text)}`)
    lines.push(`  Note over ${here}: ${escaped(text)}${comment === undefined ? '' : `<br/>${escaped(comment)}`}`)
  }
  const { violation } = trace
  const last = laneLetter(trace.lanes.length - 1)
  if (violation) lines.push(`  Note over A${last === 'A' ? '' : `,${last}`}: ${escaped(`${oracleName(violation.oracle).toUpperCase()}: ${violation.message}`)}`)
  return ['sequenceDiagram', ...lines].join('\n')
}

/** What a step reads that another lane wrote last. */
function seenOf({ steps }: Trace, at: number): { readonly from: number; readonly text: string }[] {
  const { lane, reads } = steps[at]!
  return reads.flatMap(({ cell, value, ghost, interest }) => {
    if (ghost || interest === 'quiet') return []
    const from = steps.findLast((step, i) => i < at && step.writes.some((write) => write.cell === cell))?.lane
    return from === undefined || from === lane ? [] : [{ from, text: `${cell} = ${value}` }]
  })
}
