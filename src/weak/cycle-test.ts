import type { Lock } from '../engine/model/lock.js'
import { HARDIRQS_OFF, PREEMPT_OFF, RCU } from '../machine/lock-context.js'
import type { CriticalCycle } from './critical-cycles.js'
import type { Access, Between, OrderedPair } from './ordered-pair.js'

/** How the cells and locks of a cycle are called in its test. */
export interface Naming {
  cell(cell: number): string
  lock(lock: Lock): string
}

/** Sections that a wait is for. An IPI waits for interrupts to be on, a grace period for any of them. */
const AWAITED = { 'ipi': [HARDIRQS_OFF], 'grace period': [RCU, HARDIRQS_OFF, PREEMPT_OFF] }

/** A critical cycle as a litmus test, whose outcome is the cycle. */
export function cycleTest({ pairs: [one, other] }: CriticalCycle, name: string, comment: readonly string[], naming: Naming): string {
  const lanes = [new Lane(0, one, other, naming), new Lane(1, other, one, naming)]
  // Each access comes before the one that it meets: the second of a lane before the first of the other.
  const outcome = [...meet(one.second, lanes[0]!, other.first, lanes[1]!, naming), ...meet(other.second, lanes[1]!, one.first, lanes[0]!, naming)]
  const params = declarations(one, lanes, naming)
  return [
    `C ${name}`, ...(comment.length > 0 ? ['(*', ...comment.map((line) => ` * ${line}`), ' *)'] : []), '{}', '',
    ...lanes.flatMap((lane) => lane.text(params)),
    `exists (${outcome.join(' /\\ ')})`, '',
  ].join('\n')
}

/** One thread of a test. */
class Lane {
  /** What is asked of each read, and the value that each write puts there. */
  readonly expected = new Map<Access, number>()
  readonly value = new Map<Access, number>()
  readonly locks: readonly Lock[]

  constructor(readonly index: number, readonly pair: OrderedPair, private readonly other: OrderedPair, private readonly naming: Naming) {
    this.value.set(pair.first, 1)
    this.value.set(pair.second, 1)
    this.locks = [...new Set(sections(pair).filter((item) => this.isLock(item)).map(({ lock }) => lock))]
  }

  text(params: string): string[] {
    const { first, second, open, between, decides } = this.pair
    const body: string[] = []
    let held: Lock[] = []
    const apply = (item: Between): void => {
      if (item.op === 'barrier') body.push(`${item.text};`)
      else if (item.op === 'wait') body.push(sections(this.other).some(({ lock }) => this.isAwaited(item.for, lock)) ? 'synchronize_rcu();' : 'smp_mb();')
      else {
        const [begin, end] = this.words(item)
        if (begin === '') return
        if (item.op === 'begin' && held.includes(item.lock)) return
        if (item.op === 'end' && !held.includes(item.lock)) return
        body.push(item.op === 'begin' ? begin : end)
        held = item.op === 'begin' ? [...held, item.lock] : held.filter((lock) => lock !== item.lock)
      }
    }
    open.forEach(apply)
    body.push(this.access(first))
    between.forEach(apply)
    const last = this.access(second)
    const guarded = decides && second.kind !== 'read' && this.expected.has(first)
    body.push(guarded ? `if (${this.register(first)} == ${this.expected.get(first)!}) ${last}` : last)
    for (const lock of held.toReversed()) apply({ op: 'end', lock, mode: 'write', mark: false })
    const registers = [first, second].filter(({ kind }) => kind !== 'write').map((access) => `\tint ${this.register(access)};`)
    return [`P${this.index}(${params})`, '{', ...registers, ...(registers.length > 0 ? [''] : []), ...body.map((line) => `\t${line}`), '}', '']
  }

  register(access: Access): string {
    return access === this.pair.first ? 'r1' : 'r2'
  }

  private access(access: Access): string {
    const at = this.naming.cell(access.cell)
    const value = this.value.get(access)!
    switch (access.kind) {
      case 'read': return `${this.register(access)} = ${access.order === 'acquire' ? 'smp_load_acquire' : 'READ_ONCE'}(${access.order === 'acquire' ? '' : '*'}${at});`
      case 'write': return access.order === 'release' ? `smp_store_release(${at}, ${value});` : `WRITE_ONCE(*${at}, ${value});`
      case 'rmw': return `${this.register(access)} = xchg${SUFFIX[access.order]}(${at}, ${value});`
    }
  }

  /** A lock that both lanes take, one of them to write; or that this one takes or drops between its accesses. */
  private isLock({ lock, mode, mark }: Extract<Between, { op: 'begin' | 'end' }>): boolean {
    if (mark || typeof lock === 'string') return false
    const theirs = sections(this.other).filter((item) => item.lock === lock && item.op === 'begin')
    return theirs.some((item) => item.mode === 'write' || mode === 'write') || this.pair.between.some((item) => item.op !== 'barrier' && item.op !== 'wait' && item.lock === lock)
  }

  private isAwaited(wait: 'ipi' | 'grace period', lock: Lock): boolean {
    return AWAITED[wait].includes(lock as string)
  }

  /** How a section begins and ends; empty if it orders nothing here. */
  private words({ lock }: Extract<Between, { op: 'begin' | 'end' }>): readonly [string, string] {
    if (this.other.between.some((item) => item.op === 'wait' && this.isAwaited(item.for, lock))) return ['rcu_read_lock();', 'rcu_read_unlock();']
    return this.locks.includes(lock) ? [`spin_lock(${this.naming.lock(lock)});`, `spin_unlock(${this.naming.lock(lock)});`] : ['', '']
  }
}

const SUFFIX = { once: '_relaxed', acquire: '_acquire', release: '_release', full: '' }

type Section = Extract<Between, { op: 'begin' | 'end' }>

const sections = ({ open, between }: OrderedPair): Section[] =>
  [...open, ...between.filter((item): item is Section => item.op === 'begin' || item.op === 'end')]

/** Sets what shows that one access came before another to the same cell, and says it. */
function meet(before: Access, its: Lane, after: Access, others: Lane, naming: Naming): string[] {
  const reads = ({ kind }: Access): boolean => kind !== 'write'
  if (after.kind !== 'write' && before.kind !== 'read') return expects(others, after, its.value.get(before)!)
  if (reads(before)) {
    others.value.set(after, 2)
    return expects(its, before, 0)
  }
  others.value.set(after, 2)
  return [`${naming.cell(after.cell)}=2`]
}

function expects(lane: Lane, access: Access, value: number): string[] {
  lane.expected.set(access, value)
  return [`${lane.index}:${lane.register(access)}=${value}`]
}

function declarations({ first, second }: OrderedPair, lanes: readonly Lane[], naming: Naming): string {
  const locks = [...new Set(lanes.flatMap((lane) => lane.locks))]
  return [...[first, second].map(({ cell }) => `int *${naming.cell(cell)}`), ...locks.map((lock) => `spinlock_t *${naming.lock(lock)}`)].join(', ')
}
