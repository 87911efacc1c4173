import { lockdep } from '../../src/engine/model/lock.js'
import { type Cell, Memory } from '../../src/engine/model/memory.js'
import { atomic, Blocked, load, type Steps, store } from '../../src/engine/model/step.js'
import { fn } from '../../src/engine/model/fn.js'
import type { Program } from '../../src/engine/program.js'

export const LOCKS = ['a0', 'a1', 'b', 'c'] as const
export const MODES = ['write', 'read', 'recursive'] as const
export type Mode = (typeof MODES)[number]

/** One thing that a thread does. */
export type Op =
  | { readonly do: 'lock' | 'try'; readonly lock: number; readonly mode: Mode }
  /** Releases what it has taken last, or before that. */
  | { readonly do: 'unlock'; readonly last: boolean }
  | { readonly do: 'set'; readonly value: number }
  /** Leaves the next one out unless the variable has this value. */
  | { readonly do: 'if'; readonly value: number }
  | { readonly do: 'irqs'; readonly on: boolean }

export interface LockPlan {
  readonly threads: readonly (readonly Op[])[]
  /** The last thread is an interrupt handler. */
  readonly handler: boolean
  /** Both locks of the first class may be held at once by rule. */
  readonly several: boolean
}

const classOf = (lock: number): string => LOCKS[lock]![0]!

/** A lock is 0, -1 when held for writing, n when held by n readers. */
const free = (value: number, mode: Mode): boolean => (mode === 'write' ? value === 0 : value >= 0)

interface Taken { readonly lock: number; readonly mode: Mode }

/** The plan as a program for the engine. */
export function lockProgram({ threads, handler, several }: LockPlan): Program {
  const memory = new Memory()
  const locks = LOCKS.map((name) => memory.cell(name))
  const variable = memory.cell('variable')
  const acquire = (cell: Cell, lock: number, mode: Mode, tries: boolean) => atomic(`${tries ? 'try' : 'lock'} ${LOCKS[lock]}`, (m) => {
    const value = m.get(cell)
    if (!free(value, mode)) return tries ? false : new Blocked('held')
    m.set(cell, mode === 'write' ? -1 : value + 1)
    return true
  }, {
    lock: {
      op: 'acquire', lock: cell, class: classOf(lock), mode, ...(several && { several }), ...(tries && { tries: true as const, succeeds: (got: unknown) => got === true }),
    },
  })
  const release = (cell: Cell) => atomic('unlock', (m) => m.set(cell, m.get(cell) < 0 ? 0 : m.get(cell) - 1), { lock: { op: 'release', lock: cell } })
  const body = fn(function* thread(ops: readonly Op[], interrupts: boolean): Steps {
    let [held, skip]: [Taken[], boolean] = [[], false]
    if (interrupts) yield* lockdep({ op: 'acquire', lock: 'irq' })
    for (const op of ops) {
      if (skip) {
        skip = false
        continue
      }
      if (op.do === 'set') yield* store(variable, op.value)
      else if (op.do === 'if') skip = (yield* load(variable)) !== op.value
      else if (op.do === 'irqs') yield* lockdep(op.on ? { op: 'release', lock: 'irqs off' } : { op: 'acquire', lock: 'irqs off', mark: true })
      else if (op.do === 'unlock') {
        const [one] = op.last ? held.slice(-1) : held
        if (!one) continue
        held = held.filter((other) => other !== one)
        yield* release(locks[one.lock]!)
      } else if (yield* acquire(locks[op.lock]!, op.lock, op.mode, op.do === 'try')) held = [...held, { lock: op.lock, mode: op.mode }]
    }
    while (held.length > 0) {
      const one = held.at(-1)!
      held = held.slice(0, -1)
      yield* release(locks[one.lock]!)
    }
  })
  return {
    memory,
    threads: threads.map((ops, t) => ({ name: `thread${t}`, body: () => body(ops, handler && t === threads.length - 1) })),
    lockOrder: { oracle: 'order', interrupts: [{ lock: 'irq', off: ['irqs off', 'irq'] }] },
  }
}

interface Local { readonly at: number; readonly held: readonly Taken[]; readonly off: number; readonly leaving: boolean }

/** What all interleavings of a plan come to, by looking at every one of them: dependencies as text, and deadlock. */
export function lockReference({ threads, handler, several }: LockPlan): { dependencies: Set<string>; deadlock: boolean } {
  const dependencies = new Set<string>()
  const pairs = new Map<string, Set<string>>()
  let deadlock = false
  const seen = new Set<string>()
  const irq = (t: number): boolean => handler && t === threads.length - 1
  const wants = (t: number, { held }: Local, lock: number, mode: Mode): void => {
    const to = `${classOf(lock)} ${mode === 'recursive'}`
    if (irq(t)) dependencies.add(`irq ${to} false`)
    for (const one of held) {
      if (classOf(one.lock) === classOf(lock)) {
        if (mode === 'recursive' && one.mode !== 'write' && (!several || one.lock === lock)) continue
        if (several && one.lock !== lock) {
          const pair = `${one.lock} ${lock}`
          pairs.set(pair, (pairs.get(pair) ?? new Set()).add(`a ${to} ${one.mode !== 'write'}`))
          continue
        }
      }
      dependencies.add(`${classOf(one.lock)} ${to} ${one.mode !== 'write'}`)
    }
  }
  const open = (t: number, { held, off }: Local): void => {
    if (!irq(t) && off === 0) for (const one of held) dependencies.add(`${classOf(one.lock)} irq false ${one.mode !== 'write'}`)
  }
  const visit = (locks: readonly number[], variable: number, locals: readonly Local[]): void => {
    const key = JSON.stringify([locks, variable, locals])
    if (seen.has(key)) return
    seen.add(key)
    let [moved, ended] = [false, true]
    for (const [t, local] of locals.entries()) {
      const ops = threads[t]!
      const op: Op | undefined = ops[local.at] ?? (local.held.length > 0 ? { do: 'unlock', last: true } : undefined)
      if (!op) continue
      ended = false
      const go = (change: Partial<Local>, now = locks, v = variable): void => {
        moved = true
        visit(now, v, locals.with(t, { ...local, at: local.at + 1, ...change }))
      }
      if (op.do === 'set') go({}, locks, op.value)
      else if (op.do === 'if') go({ at: local.at + (variable === op.value ? 1 : 2) })
      else if (op.do === 'irqs') {
        const next = { ...local, off: op.on ? Math.max(0, local.off - 1) : local.off + 1 }
        if (op.on && local.off > 0) open(t, next)
        go({ off: next.off })
      } else if (op.do === 'unlock') {
        const [one] = op.last ? local.held.slice(-1) : local.held
        if (!one) go({})
        else go({ held: local.held.filter((other) => other !== one) }, locks.with(one.lock, locks[one.lock]! < 0 ? 0 : locks[one.lock]! - 1))
      } else {
        if (op.do === 'lock') wants(t, local, op.lock, op.mode)
        const value = locks[op.lock]!
        if (!free(value, op.mode)) {
          if (op.do === 'try') go({})
          continue
        }
        const held = [...local.held, { lock: op.lock, mode: op.mode }]
        open(t, { ...local, held })
        go({ held }, locks.with(op.lock, op.mode === 'write' ? -1 : value + 1))
      }
    }
    if (!moved && !ended) deadlock = true
  }
  visit(LOCKS.map(() => 0), 0, threads.map(() => ({ at: 0, held: [], off: 0, leaving: false })))
  const bothWays = pairs.has('0 1') && pairs.has('1 0') ? [...pairs.values()].flatMap((texts) => [...texts]) : []
  return { dependencies: new Set([...dependencies, ...bothWays]), deadlock }
}

/** Whether dependencies go round, by the transitive closure of which may follow which. */
export function goesRound(dependencies: ReadonlySet<string>): boolean {
  const edges = [...dependencies].map((text) => text.split(' ') as [string, string, string, string])
  const follows = edges.map(([, to, recursive]) => edges.map(([from, , , shared]) => to === from && !(recursive === 'true' && shared === 'true')))
  for (const k of edges.keys()) for (const i of edges.keys()) for (const j of edges.keys()) {
    if (follows[i]![k] && follows[k]![j]) follows[i]![j] = true
  }
  return edges.some((_, i) => follows[i]![i])
}
