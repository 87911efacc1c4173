import type { Loaded } from '../learn/loaded.js'
import type { Checkpoint, Plan } from './checkpoint.js'
import { atLivelocks, type Before, takeCheckpoint } from './take.js'

export interface CheckpointOptions {
  /** Seconds between checkpoints while searching. */
  readonly seconds: number
  /** Keeps a checkpoint. It has to have read `visited` when it returns. */
  readonly save: (checkpoint: Checkpoint) => void
}

/** Hands over checkpoints when it is time, if anybody wants them. */
export class Saver {
  private last = performance.now()

  constructor(private readonly loaded: Loaded, private readonly plan: Plan, private readonly options: CheckpointOptions | undefined) {}

  /** Whether it is time for another checkpoint. */
  get due(): boolean {
    return this.options !== undefined && performance.now() - this.last >= this.options.seconds * 1000
  }

  /** Hands over a checkpoint of a pass. */
  save(pass: Parameters<typeof takeCheckpoint>[2]): void {
    if (this.options) this.hand(takeCheckpoint(this.loaded, this.plan, pass))
  }

  /** Runs the search for livelocks, which is resumed from its start: that is what checkpoints on the way hold. */
  *whileIn<P, R>(search: Generator<P, R>, before: Before): Generator<P, R> {
    if (!this.options) return yield* search
    const start = atLivelocks(this.loaded, this.plan, before)
    for (;;) {
      const turn = search.next()
      if (turn.done) {
        if (turn.value && typeof turn.value === 'object' && 'stopped' in turn.value) this.hand(start)
        return turn.value
      }
      if (this.due) this.hand(start)
      yield turn.value
    }
  }

  private hand(checkpoint: Checkpoint): void {
    this.options!.save(checkpoint)
    this.last = performance.now()
  }
}
