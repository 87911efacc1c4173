const FIRST = 128
const MOST = 500_000
const MILLISECONDS = 40

/**
 * How many steps to take until somebody looks at the clock. A step that is met for the first time costs a thousand times what
 * another one does, so this follows from how long the last ones took.
 */
export class Pace {
  private count = FIRST
  private last = performance.now()

  /** The number of steps to take next. */
  get steps(): number {
    this.last = performance.now()
    return this.count
  }

  /** They have been taken. */
  taken(): void {
    const took = performance.now() - this.last
    this.count = Math.round(Math.min(MOST, Math.max(FIRST, this.count * Math.min(4, MILLISECONDS / Math.max(took, 0.1)))))
  }
}
