import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { heartbeat } from '../engine/heartbeat.js'
import type { KernelName } from '../machine/kernels.js'
import type { ChangeCell } from '../race/change-cell.js'
import { Exit } from './exit-codes.js'

/** One cell to search: a race by name or file, one of its variants, an architecture, a kernel. */
export interface CellJob {
  readonly race: string
  readonly variant: string
  readonly arch: string
  readonly kernel: KernelName
  /** Files with changes of the user's. */
  readonly changes: readonly string[]
  /** The most the search may take. */
  readonly seconds: number
}

export type CellReply = { readonly beat: true } | { readonly cell: ChangeCell } | { readonly failure: { readonly code: number; readonly text: string } }

/** What was thrown in a worker, to be told and turned into an exit status here. */
export class CellFailure extends Error {
  constructor(readonly job: CellJob, readonly code: number, text: string) {
    super(text)
  }
}

/** Searches cells in worker threads, each as soon as one is free. `done` is told of each in the order they end. */
export async function searchCells(jobs: readonly CellJob[], done: (cell: ChangeCell) => void, signal: AbortSignal): Promise<void> {
  const waiting = [...jobs]
  const size = Math.max(1, Math.min(availableParallelism(), jobs.length))
  await Promise.all(Array.from({ length: size }, async () => {
    const worker = new Worker(new URL('./matrix-worker.js', import.meta.url))
    try {
      for (let job = waiting.shift(); job && !signal.aborted; job = waiting.shift()) done(await ask(worker, job, signal))
    } finally {
      await worker.terminate()
    }
  }))
}

function ask(worker: Worker, job: CellJob, signal: AbortSignal): Promise<ChangeCell> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: CellReply): void => {
      heartbeat.beat()
      if ('beat' in reply) return
      forget()
      if ('cell' in reply) resolve(reply.cell)
      else reject(new CellFailure(job, reply.failure.code, reply.failure.text))
    }
    const onError = (error: unknown): void => {
      forget()
      reject(error)
    }
    const onAbort = (): void => onError(new CellFailure(job, Exit.interrupted, 'interrupted'))
    const forget = (): void => {
      worker.off('message', onMessage).off('error', onError)
      signal.removeEventListener('abort', onAbort)
    }
    worker.on('message', onMessage).on('error', onError)
    signal.addEventListener('abort', onAbort)
    worker.postMessage(job)
  })
}
