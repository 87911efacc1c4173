import type { LockCycle } from '../engine/locks/cycles.js'
import type { Dependency, Place } from '../engine/locks/dependency.js'
import { wrap } from './commit-table.js'

/** Where the second column begins, if there is room, and at least. */
const SECOND = 31
const FIRST = 13

/** Orders of locks that go round, as lockdep reports them: who took which lock with what held, and how that could end. */
export const lockReport = (cycles: readonly LockCycle[], width: number): string[] =>
  cycles.flatMap((cycle, i) => [...(i > 0 ? [''] : []), ...chain(cycle, width), '', ...scenario(cycle, width)])

function chain(cycle: LockCycle, width: number): string[] {
  const recursive = cycle.length === 1
  const what = recursive ? 'possible recursive locking detected' : 'possible circular locking dependency detected'
  return [what, '', ...(recursive ? [] : ['the existing dependency chain (in reverse order) is:', '']), ...cycle.toReversed().flatMap((dependency, i) => link(dependency, cycle.length - 1 - i, width))]
}

function link({ from, to, lane, held, taken }: Dependency, number: number, width: number): string[] {
  const indented = (text: string): string[] => wrap(text, width - 7).map((line, i) => `${' '.repeat(i === 0 ? 5 : 7)}${line}`)
  return [
    `-> #${number} (${to}), by ${lane}:`,
    ...indented(`takes it at ${place(taken, lane)}`),
    ...indented(`with (${from}) held since ${place(held, lane)}`),
  ]
}

/** The function that a lane runs bears its name: it says nothing more. */
function place({ label, calls }: Place, lane: string): string {
  const functions = calls.slice(calls.lastIndexOf(lane) + 1)
  return functions.length > 0 ? `${label} in ${functions.join(' > ')}` : label
}

const lock = (name: string, shared = false): string => `${shared ? 'rlock' : 'lock'}(${name});`

/** The two columns of lockdep. */
function scenario(cycle: LockCycle, width: number): string[] {
  const inner = cycle.findIndex(({ taken }) => taken.label === INTERRUPT)
  const turned = inner < 0 ? cycle : [...cycle.slice(inner), ...cycle.slice(0, inner)]
  const rows = inner < 0 ? plain(turned) : interrupted(turned)
  const classes = turned.map(({ from }) => from)
  const lanes = rows.some(([lane]) => lane === 1) ? 2 : 1
  const longest = Math.max(...rows.map(([lane, text]) => (lane === 1 ? text.length : 0)))
  const second = Math.max(FIRST, Math.min(SECOND, width - longest))
  const across = (first: string, other: string): string => (lanes === 1 ? first : first.padEnd(second) + other)
  return [
    ...(turned.length > 2 ? [' Chain exists of:', ...[...classes.slice(1), classes[0]].map((name, i) => `   ${i > 0 ? '--> ' : ''}${name}`), ''] : []),
    ' Possible unsafe locking scenario:', '',
    across('       CPU0', 'CPU1'), across('       ----', '----'),
    ...rows.map(([lane, text]) => (lane === 0 ? `  ${text}` : ' '.repeat(second) + text)),
    '', ' *** DEADLOCK ***',
  ]
}

const INTERRUPT = '<Interrupt>'

type Line = readonly [lane: 0 | 1, text: string]

function plain(cycle: LockCycle): Line[] {
  const [first] = cycle
  const last = cycle.at(-1)!
  if (cycle.length === 1) return [[0, lock(first!.from, first!.shared)], [0, lock(first!.to, first!.reading)]]
  return [
    [0, lock(first!.from, first!.shared)], [1, lock(last.from, last.shared)], [1, lock(last.to, last.reading)], [0, lock(first!.to, first!.reading)],
  ]
}

/** The first lock is held where an interrupt comes, whose handler takes the second. */
function interrupted(cycle: LockCycle): Line[] {
  const [held, handler] = cycle
  if (cycle.length === 2) return [[0, lock(held!.from)], [0, INTERRUPT], [0, `  ${lock(handler!.to)}`]]
  const last = cycle.at(-1)!
  return [
    [0, lock(held!.from)], [1, 'local_irq_disable();'], [1, lock(last.from)], [1, lock(last.to)],
    [0, INTERRUPT], [0, `  ${lock(handler!.to)}`],
  ]
}
