import type { LockCycle } from '../engine/locks/cycles.js'
import type { Dependency, Place } from '../engine/locks/dependency.js'
import { wrap } from './commit-table.js'

const SECOND = 31

/** Orders of locks that go round, as lockdep reports them: who took which lock with what held, and how that could end. */
export const lockReport = (cycles: readonly LockCycle[], width: number): string[] =>
  cycles.flatMap((cycle, i) => [...(i > 0 ? [''] : []), ...chain(cycle, width), '', ...scenario(cycle)])

function chain(cycle: LockCycle, width: number): string[] {
  const what = cycle.length === 1 ? 'possible recursive locking' : 'possible circular locking dependency'
  return [what, '', ...cycle.toReversed().flatMap((dependency, i) => link(dependency, cycle.length - 1 - i, width))]
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
function scenario(cycle: LockCycle): string[] {
  const inner = cycle.findIndex(({ taken }) => taken.label === INTERRUPT)
  const turned = inner < 0 ? cycle : [...cycle.slice(inner), ...cycle.slice(0, inner)]
  const rows = inner < 0 ? plain(turned) : interrupted(turned)
  const classes = turned.map(({ from }) => from)
  const lanes = rows.some(([lane]) => lane === 1) ? 2 : 1
  return [
    ...(turned.length > 2 ? [' Chain exists of:', `   ${[...classes.slice(1), classes[0]].join(' --> ')}`, ''] : []),
    ' Possible unsafe locking scenario:', '',
    across('       CPU0', lanes === 2 ? '  CPU1' : ''), across('       ----', lanes === 2 ? '  ----' : ''),
    ...rows.map(([lane, text]) => (lane === 0 ? `  ${text}` : ' '.repeat(SECOND) + text)),
    '', '  *** DEADLOCK ***',
  ]
}

const across = (first: string, second: string): string => (second === '' ? first : first.padEnd(SECOND) + second)

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
