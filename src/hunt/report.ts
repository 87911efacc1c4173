import { orderLines } from '../trace/order-lines.js'
import { table } from '../trace/report.js'
import { count, oracleName } from '../trace/verdict.js'
import { wrap } from '../trace/commit-table.js'
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
export function coverageText(report: HuntReport): string {
  const { checked, total, covered, pairs, failed, incomplete, stopped } = report
  const functions = new Set([...covered].map((one) => one.split(' ', 2).join(' ')))
  const kernel = [...functions].filter((one) => one.startsWith('src/kernel/'))
  return [
    ...listed('scenes in which the model failed:', failed),
    ...listed('scenes were too large, and not searched to their end:', incomplete),
    `checked${stopped ? ', when it was stopped' : ''}:`,
    ...checked.map((n, level) => `  ${LEVELS[level]!.padEnd(18)} ${count(n).padStart(8)} of ${count(total[level]!)}`),
    `  ${count([...pairs.values()].reduce((sum, { size }) => sum + size, 0))} pairs of operations in ${pairs.size} states`,
    `  ${count(kernel.length)} functions of the kernel, ${count(covered.size)} steps by what they came back with`,
  ].join('\n')
}
