import type { Acquire, LockOp } from '../../engine/model/lock.js'
import type { Cell } from '../../engine/model/memory.js'

/** What a lock says of itself each time it is taken. */
export type LockTaken = Omit<Acquire, 'op' | 'lock'>

export const taken = (lock: Cell, how: LockTaken): LockOp => ({ op: 'acquire', lock, ...how })

export const released = (lock: Cell): LockOp => ({ op: 'release', lock })
