import { Worker } from 'node:worker_threads'
import { Exit } from './exit-codes.js'

/** Seconds of processor time without a sign of life after which model code counts as endless. */
const PATIENCE = 10
/** The same in seconds on the clock: for code that waits for what never comes. */
const MOST_PATIENCE = 120

/** What the worker is started with. */
export interface GuardedStart {
  readonly args: readonly string[]
  /** One 32-bit number, raised at every sign of life. */
  readonly pulse: SharedArrayBuffer
  readonly columns: number | undefined
}

/**
 * Runs the command line in a thread of its own, for files of the user's: code that loops for ever without a step can
 * only be ended from outside. Returns the exit status.
 */
export async function guardedMain(args: readonly string[]): Promise<number> {
  const pulse = new SharedArrayBuffer(4)
  const workerData: GuardedStart = { args, pulse, columns: process.stderr.isTTY ? process.stderr.columns : undefined }
  const worker = new Worker(new URL('./guarded-worker.js', import.meta.url), { workerData })
  const onSignal = (): void => worker.postMessage('interrupt')
  process.once('SIGINT', onSignal)
  try {
    return await new Promise<number>((resolve, reject) => {
      const watch = watchPulse(new Int32Array(pulse), () => {
        process.stderr.write(`mmrace: the model failed: model code has been running for ${PATIENCE} s without a step
  hint: look for a loop without yield* in the race file: its top level, setup, or a cpu function\n`)
        resolve(Exit.model)
        void worker.terminate()
      })
      worker.once('message', (status: number) => resolve(status))
      worker.once('error', reject)
      worker.once('exit', () => clearInterval(watch))
    })
  } finally {
    process.off('SIGINT', onSignal)
  }
}

/** Calls `silent` when there was no sign of life for too long. Processor time counts, so that a busy machine is no fault. */
function watchPulse(pulse: Int32Array, silent: () => void): NodeJS.Timeout {
  let last = -1
  let since = { cpu: 0, wall: 0 }
  return setInterval(() => {
    const now = Atomics.load(pulse, 0)
    const [cpu, wall] = [process.cpuUsage().user / 1e6, performance.now() / 1000]
    if (now !== last) since = { cpu, wall }
    last = now
    if (cpu - since.cpu >= PATIENCE || wall - since.wall >= MOST_PATIENCE) silent()
  }, 1000)
}
