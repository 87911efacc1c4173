import { heartbeat } from '../engine/heartbeat.js'
import type { Progress } from '../engine/search/result.js'

/** Runs a search to its end, and lets everybody else run between its slices. Rejects when the signal is aborted. */
export async function inSlices<T>(steps: Generator<Progress, T>, signal?: AbortSignal, onProgress?: (progress: Progress) => void): Promise<T> {
  for (;;) {
    heartbeat.beat()
    const turn = steps.next()
    signal?.throwIfAborted()
    if (turn.done) return turn.value
    onProgress?.(turn.value)
    await new Promise((resolve) => setTimeout(resolve))
  }
}
