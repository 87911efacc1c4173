import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { heartbeat } from '../../engine/heartbeat.js'
import { Exit } from '../exit-codes.js'
import type { CellDone, CellJob } from './cell-job.js'

export type CellReply = { readonly beat: true } | { readonly done: CellDone } | { readonly failure: { readonly code: number; readonly text: string } }

/** What was thrown in a worker, to be told and turned into an exit status here. */
export class CellFailure extends Error {
  constructor(readonly job: CellJob, readonly code: number, text: string) {
    super(text)
  }
}

/** Searches cells in worker threads, each as soon as one is free. `done` is told of each in the order they end. The first that fails ends it. */
export async function searchCells(jobs: readonly CellJob[], done: (cell: CellDone, job: CellJob) => void, signal: AbortSignal): Promise<readonly CellFailure[]> {
  const waiting = [...jobs]
  const size = Math.max(1, Math.min(availableParallelism(), jobs.length))
  await Promise.all(Array.from({ length: size }, async () => {
    const worker = new Worker(new URL('./matrix-worker.js', import.meta.url))
    try {
      for (let job = waiting.shift(); job && !signal.aborted; job = waiting.shift()) done(await ask(worker, job, signal), job)
    } finally {
      await worker.terminate()
    }
  }))
  if (waiting.length > 0) throw new CellFailure(waiting[0]!, Exit.interrupted, 'interrupted')
  return []
}

function ask(worker: Worker, job: CellJob, signal: AbortSignal): Promise<CellDone> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: CellReply): void => {
      heartbeat.beat()
      if ('beat' in reply) return
      forget()
      if ('done' in reply) resolve(reply.done)
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
