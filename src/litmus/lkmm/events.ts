/** What an event is, as bits: the sets of linux-kernel.bell and lock.cat that it belongs to. */
export const Kind = {
  READ: 1 << 0,
  WRITE: 1 << 1,
  PLAIN: 1 << 2,
  ACQUIRE: 1 << 3,
  RELEASE: 1 << 4,
  /** The read of a void atomic; smp_rmb() does not order it. */
  NORETURN: 1 << 5,
  /** Either half of an atomic read-modify-write. The write follows its read directly. */
  RMW: 1 << 6,
  /** Read half of taking a spinlock (LKR), its write half (LKW), and the unlock (UL). */
  LOCK_READ: 1 << 7,
  LOCK_WRITE: 1 << 8,
  UNLOCK: 1 << 9,
  RCU_LOCK: 1 << 10,
  RCU_UNLOCK: 1 << 11,
  SYNC_RCU: 1 << 12,
  SRCU_LOCK: 1 << 13,
  SRCU_UNLOCK: 1 << 14,
  SYNC_SRCU: 1 << 15,
  /** The read of a conditional read-modify-write that did not write. It orders nothing itself, but the barriers beside atomics do for it. */
  RMW_FAILED: 1 << 16,
  /** The read of spin_is_locked() or of a spin_trylock() that failed. */
  OF_LOCK: 1 << 17,
} as const

export const MEMORY = Kind.READ | Kind.WRITE
export const SRCU = Kind.SRCU_LOCK | Kind.SRCU_UNLOCK
export const SYNC = Kind.SYNC_RCU | Kind.SYNC_SRCU

/** One event of a thread's trace. The masks name earlier events of the same trace by bit. */
export interface TraceEvent {
  readonly kind: number
  /** The location accessed, or -1 for RCU markers. */
  readonly location: number
  readonly value: number
  readonly address: number
  readonly data: number
  readonly control: number
  /** Text and line of the statement. */
  readonly text: string
  readonly line: number
}
