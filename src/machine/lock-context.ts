import type { Acquire, Interrupt, LockOp } from '../engine/model/lock.js'

/** Handlers of interrupts, as a lock: whoever is interrupted waits for them. */
export const HARDIRQ = 'hardirq'
export const SOFTIRQ = 'softirq'
/** States of a CPU in which nobody may sleep. */
export const HARDIRQS_OFF = 'hardirqs off'
export const SOFTIRQS_OFF = 'softirqs off'
export const PREEMPT_OFF = 'preemption off'
export const RCU = 'rcu_read_lock'

export const begins = (lock: string): Acquire => ({ op: 'acquire', lock, mark: true, atomic: true })
export const ends = (lock: string): LockOp => ({ op: 'release', lock })

/** Readers never wait; who waits for a grace period waits for them. */
export const RCU_READ: Acquire = { op: 'acquire', lock: RCU, mode: 'recursive', atomic: true }

/** What comes in between, and what keeps it out. */
export const INTERRUPTS: readonly Interrupt[] = [
  { lock: HARDIRQ, off: [HARDIRQS_OFF, HARDIRQ] },
  { lock: SOFTIRQ, off: [HARDIRQS_OFF, SOFTIRQS_OFF, HARDIRQ, SOFTIRQ] },
]
