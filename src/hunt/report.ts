import { orderLines } from '../trace/order-lines.js'
import { table } from '../trace/report.js'
import { count, oracleName } from '../trace/verdict.js'
import { wrap } from '../trace/commit-table.js'
import { coverageSummary } from './coverage-text.js'
import type { Drawn } from './drawn.js'
import type { HuntReport } from './hunt.js'
import { LEVELS } from './plan.js'
import { nameOf } from './scene.js'
import type { SceneResult } from './scene-result.js'

/** A group, its smallest scene drawn. */
export function groupText({ group, scene, conditions, trace, orders }: Drawn, number: number, width: number): string {
  const lines = wrap(`${number}. ${group.oracle} ${oracleName(group.oracle)}: ${group.message}`, width)
  lines.push(`  in ${count(group.scenes)} ${group.scenes === 1 ? 'scene' : 'scenes'}, on ${group.archs.join(', ')}`)
  lines.push(`  the smallest: ${nameOf(scene)}  (${conditions.arch}, ${count(group.smallest.states)} states)`)
  if (trace) lines.push('', ...table(trace, { width }))
  if (orders) lines.push('', ...orderLines(orders, width))
  return lines.join('\n')
}

const SHOWN = 10

const named = ({ arch, state, operations, why }: SceneResult): string => `  ${arch} ${state}: ${operations.join(' | ')}  ${why ?? ''}`

const listed = (what: string, results: readonly SceneResult[]): string[] => (results.length === 0 ? [] : [
  `${count(results.length)} ${what}`, ...results.slice(0, SHOWN).map(named), ...(results.length > SHOWN ? [`  and ${count(results.length - SHOWN)} more`] : []),
])

/** What was looked at, what was not, and what failed. */
export function reportText({ checked, total, coverage, failed, incomplete, stopped }: HuntReport): string {
  return [
    ...listed('scenes in which the model failed:', failed),
    ...listed('scenes were too large, and not searched to their end:', incomplete),
    `checked${stopped ? ', when it was stopped' : ''}:`,
    ...checked.map((n, level) => `  ${LEVELS[level]!.padEnd(18)} ${count(n).padStart(8)} of ${count(total[level]!)}`),
    ...coverageSummary(coverage).map((line) => `  ${line}`),
  ].join('\n')
}
