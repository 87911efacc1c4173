import type { Barrier } from '../barriers/barrier-advice.js'
import type { LitmusReport } from '../run-litmus.js'

const MODEL = { lkmm: 'the Linux-kernel memory model', tso: 'TSO', sc: 'sequential consistency' } as const

/** The verdict in one line. A search of interleavings says under what its `never` is true. */
export function verdictLine({ test, model, verdict, counts, searched }: LitmusReport): string {
  const size = counts ? `${counts.states.length} final states` : `${searched} states`
  if (verdict === 'VACUOUS') return `VACUOUS  no execution comes to its end under ${MODEL[model]}: a lock that is never free, a loop of too many rounds, a value that is no address`
  if (verdict === 'INCONCLUSIVE') return `INCONCLUSIVE (the search ended at its limit, ${size}) under ${MODEL[model]}`
  const forall = test.quantifier === 'forall'
  if (verdict === 'HOLDS') {
    const how = counts && !counts.complete ? 'goal-directed' : size
    return `HOLDS (exhaustive: ${how})  ${forall ? 'always' : 'never'} under ${MODEL[model]}${model === 'lkmm' ? '' : '; weaker machines may do more'}`
  }
  return `VIOLATED  ${forall ? 'not always' : 'sometimes'} under ${MODEL[model]}`
}

/** The drawing of an execution, and what barriers do. */
export function explanationText({ explanation, verdict }: LitmusReport): string[] {
  if (!explanation) return []
  const { drawing, forbid, needs } = explanation
  const lines = drawing.length > 0 ? ['', ...drawing] : []
  if (verdict === 'VIOLATED') {
    lines.push('', forbid.length === 0 ? 'No barriers were found that forbid it.' : 'Forbidden by any one of:')
    lines.push(...forbid.map((barrier) => `  ${barrier.barrier} ${placed(barrier)}`))
  } else if (needs.length > 0) {
    lines.push('', 'Barriers, and whether the outcome stays impossible only because of them:')
    lines.push(...needs.map(({ needed, barrier, places: [place] }) =>
      `  ${needed ? 'needed    ' : needed === undefined ? 'unknown   ' : 'not needed'}  P${place!.thread} line ${place!.line}  ${barrier}`))
  }
  return lines
}

const ACCESSES = ['smp_store_release()', 'smp_load_acquire()']

function placed({ barrier, places }: Barrier): string {
  const at = places.map(({ thread, line }) => `P${thread} ${ACCESSES.includes(barrier) ? 'line' : 'at line'} ${line}`)
  return `${ACCESSES.includes(barrier) ? 'for' : 'in'} ${at.join(' and in ')}`
}
