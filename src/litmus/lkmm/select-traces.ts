import type { Knowledge, Test } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { Kind } from './events.js'
import type { Trace } from './trace.js'

/** A trace with the values it must get from other threads and those it gives them. */
interface Candidate {
  readonly trace: Trace
  readonly needs: readonly number[]
  readonly gives: readonly number[]
}

/** Candidates looked at for the work of judging one event. */
const LOOKS_PER_WORK = 4
/** Fewer combinations than this are tried without looking ahead. */
const FEW = 32

/**
 * Calls `visit` with every choice of one trace per thread in which each value read is written by someone. Choices for
 * which `want` is already false are cut. `spend` is told of the work on the way, and may throw to end it.
 */
export function selectTraces(
  program: Program, traces: readonly (readonly Trace[])[], want: Test,
  spend: (work: number) => void, visit: (chosen: readonly Trace[]) => void,
): void {
  const chosen: (Trace | undefined)[] = traces.map(() => undefined)
  const state: Knowledge = {
    register: (thread, name) => (chosen[thread] ? chosen[thread].registers.get(name) ?? 0 : undefined),
    location: () => undefined,
  }
  const keys = new Map<string, number>()
  const keyOf = (location: number, value: number): number => {
    const text = `${location}=${value}`
    let key = keys.get(text)
    if (key === undefined) keys.set(text, (key = keys.size))
    return key
  }
  const candidates = traces.map((list, thread) => list.filter((trace) => {
    chosen[thread] = trace
    const possible = want(state) !== false
    chosen[thread] = undefined
    return possible
  }).map((trace) => candidate(program, trace, keyOf)))

  const look = (open: readonly (readonly Candidate[])[]): readonly (readonly Candidate[])[] => narrow(open, spend)
  const choose = (open: readonly (readonly Candidate[])[]): void => {
    if (open.some((list) => list.length === 0)) return
    let next = -1
    for (const [thread, list] of open.entries()) {
      if (!chosen[thread] && (next < 0 || list.length < open[next]!.length)) next = thread
    }
    if (next < 0) {
      if (supplied(open)) visit(chosen as Trace[])
      return
    }
    for (const one of open[next]!) {
      chosen[next] = one.trace
      if (want(state) !== false) choose(look(open.map((list, thread) => (thread === next ? [one] : list))))
    }
    chosen[next] = undefined
  }
  choose(look(candidates))
}

function candidate(program: Program, trace: Trace, keyOf: (location: number, value: number) => number): Candidate {
  const own = new Map<number, number>()
  const needs = new Set<number>()
  const gives = new Set<number>()
  for (const { kind, location, value } of trace.events) {
    if ((kind & Kind.WRITE) !== 0) {
      own.set(location, value)
      gives.add(keyOf(location, value))
    } else if ((kind & Kind.READ) !== 0 && value !== (own.get(location) ?? program.initial[location])) {
      needs.add(keyOf(location, value))
    }
  }
  return { trace, needs: [...needs], gives: [...gives] }
}

/** Whether each needed value is given by another thread; lists of one candidate each. */
const supplied = (open: readonly (readonly Candidate[])[]): boolean =>
  open.every(([one], thread) => one!.needs.every((key) => open.some(([other], t) => t !== thread && other!.gives.includes(key))))

/** Drops candidates that need what no candidate of another thread gives, until none is left to drop. */
function narrow(
  open: readonly (readonly Candidate[])[], spend: (work: number) => void,
): readonly (readonly Candidate[])[] {
  spend(1)
  if (open.reduce((product, list) => product * list.length, 1) <= FEW) return open
  let lists = open
  for (;;) {
    spend(lists.reduce((sum, list) => sum + list.length, 0) / LOOKS_PER_WORK)
    const given = lists.map((list) => new Set(list.flatMap((one) => one.gives)))
    let dropped = false
    lists = lists.map((list, thread) => {
      const kept = list.filter((one) => one.needs.every((key) => given.some((set, t) => t !== thread && set.has(key))))
      if (kept.length < list.length) dropped = true
      return kept
    })
    if (!dropped) return lists
  }
}
