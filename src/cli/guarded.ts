import { Worker } from 'node:worker_threads'
import { onTerminal } from '../engine/shown.js'
import { Exit } from './exit-codes.js'
import { hasColours } from './has-colours.js'
import { onSignals } from './signals.js'

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
  /** Whether standard output leads to a terminal that has colours. */
  readonly colours: boolean
}

/**
 * Runs the command line in a thread of its own, for files of the user's: code that loops for ever without a step can
 * only be ended from outside. Returns the exit status.
 */
export async function guardedMain(args: readonly string[]): Promise<number> {
  const pulse = new SharedArrayBuffer(4)
  const workerData: GuardedStart = { args, pulse, columns: process.stderr.isTTY ? process.stderr.columns : undefined, colours: hasColours() }
  const worker = new Worker(new URL('./guarded-worker.js', import.meta.url), { workerData })
  const stop = onSignals(() => worker.postMessage('interrupt'))
  let told = false
  try {
    return await new Promise<number>((resolve) => {
      const watch = watchPulse(new Int32Array(pulse), () => {
        process.stderr.write(`mmrace: the model failed: model code has been running for ${PATIENCE} s without a step
  hint: look for a loop without yield* in the race file: its top level, setup, or a cpu function\n`)
        told = true
        resolve(Exit.model)
        void worker.terminate()
      })
      worker.once('message', (status: number) => {
        told = true
        resolve(status)
        // Timers of the race file would keep the thread. What it has printed is on its way.
        setTimeout(() => void worker.terminate(), 500).unref()
      })
      worker.once('error', (error) => {
        told = true
        process.stderr.write(`mmrace: the model failed: ${onTerminal(endedBy(error))}\n`)
        resolve(Exit.model)
      })
      worker.once('exit', () => {
        clearInterval(watch)
        if (told) return
        process.stderr.write('mmrace: the model failed: the race file ended the process\n  hint: take process.exit() out of it\n')
        resolve(Exit.model)
      })
    })
  } finally {
    stop()
  }
}

/** What ended the thread, and what to do about it: no more memory, or an error that nobody was there to catch. */
function endedBy(error: unknown): string {
  const { code, message, stack } = error instanceof Error ? error as NodeJS.ErrnoException : { code: undefined, message: String(error), stack: undefined }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'there is no more memory\n  hint: look for what grows without bound in the race file'
  return `${message}\n  hint: the race file left an error to nobody: a promise without await, a timer\n${stack ?? ''}`
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
