import type { Trace } from '../../trace/trace.js'

/**
 * The first step at which two runs differ: another step, or the same one with another effect. Undefined if neither
 * has one that the other lacks.
 */
export function divergence(a: Trace, b: Trace): number | undefined {
  const length = Math.max(a.steps.length, b.steps.length)
  for (let i = 0; i < length; i++) if (describe(a, i) !== describe(b, i)) return i
  return undefined
}

function describe({ lanes, steps }: Trace, i: number): string {
  const step = steps[i]
  if (!step) return ''
  const effects = step.writes.filter(({ ghost }) => !ghost).map(({ cell, value }) => `${cell}=${value}`)
  return [lanes[step.lane], step.label, step.result ?? '', ...effects].join('\n')
}
