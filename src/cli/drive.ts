import { heartbeat } from '../engine/heartbeat.js'
import type { Progress } from '../engine/search/result.js'
import { ProgressLine } from './progress.js'

/** Where progress is shown. */
interface Line<P> {
  update(progress: P): void
  done(): void
}

/** Runs a search to its end: shows progress, and lets signals through between slices. */
export async function drive<T, P extends Progress = Progress>(steps: Generator<P, T>, progress: Line<P> = new ProgressLine()): Promise<T> {
  try {
    for (;;) {
      heartbeat.beat()
      const turn = steps.next()
      if (turn.done) return turn.value
      progress.update(turn.value)
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    progress.done()
  }
}
