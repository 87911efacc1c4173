import { Worker } from 'node:worker_threads'
import { heartbeat } from '../engine/heartbeat.js'
import { addEntered, type enteredArms } from '../engine/model/arms.js'
import { Hunt, type HuntOptions, type HuntReport } from '../hunt/hunt.js'
import type { HuntedKernel } from '../hunt/hunted-kernel.js'
import type { Job } from '../hunt/plan.js'
import type { SceneResult } from '../hunt/scene-result.js'
import { WorkerFailure } from './exit-codes.js'
import type { HuntLine } from './progress.js'

/** What a worker is started with. */
export interface HuntStart {
  /** Files with changes of the user's. */
  readonly files: readonly string[]
  readonly kernel: Omit<HuntedKernel, 'changes'>
  readonly against?: Omit<HuntedKernel, 'changes'>
  readonly operations: readonly string[]
  readonly bounds: { readonly states: number; readonly seconds: number }
}

/** A scene by names. */
export interface SceneJob {
  readonly arch: string
  readonly state: string
  readonly operations: readonly string[]
}

export type HuntReply = { readonly beat: true } | { readonly result: SceneResult } | { readonly entered: ReturnType<typeof enteredArms> } | { readonly failure: { readonly code: number; readonly text: string } }

/** A hunt by so many workers: each checks scenes that share what is learned with those it had before, and learns for itself. */
export async function huntTogether(options: HuntOptions, files: readonly string[], workers: number, clock: () => number, line: HuntLine): Promise<HuntReport> {
  const hunt = new Hunt(options, clock)
  const { operations, bounds: { states, seconds, signal }, kernel, against } = options
  const workerData: HuntStart = {
    files, operations: operations.map(({ name }) => name), bounds: { states, seconds }, kernel: plain(kernel), ...(against && { against: plain(against) }),
  }
  const busy = new Map<number, string>()
  try {
    await Promise.all(Array.from({ length: workers }, (_, index) => serve(index)))
    return hunt.report
  } finally {
    line.done()
  }

  async function serve(index: number): Promise<void> {
    const worker = new Worker(new URL('./hunt-worker.js', import.meta.url), { workerData })
    try {
      for (let jobs = next(index); jobs.length > 0; jobs = next(index)) {
        for (const job of jobs) {
          if (hunt.over) break
          const reply = await ask(worker, jobOf(job), signal)
          if (!reply || !('result' in reply)) return
          line.update(hunt.add(job, reply.result))
        }
      }
      const reply = await ask(worker, 'entered', signal)
      if (reply && 'entered' in reply) addEntered(reply.entered)
    } finally {
      await worker.terminate()
    }
  }

  function next(index: number): readonly Job[] {
    const others = new Set([...busy].filter(([other]) => other !== index).map(([, key]) => key))
    const jobs = hunt.next(others)
    if (jobs[0]) busy.set(index, jobs[0].key)
    return jobs
  }
}

const plain = ({ kernel, revert, apply }: HuntedKernel): Omit<HuntedKernel, 'changes'> => ({ ...(kernel && { kernel }), ...(revert && { revert }), ...(apply && { apply }) })

const jobOf = ({ arch, scene: { state, operations } }: Job): SceneJob => ({ arch, state: state.name, operations: operations.map(({ name }) => name) })

/** What comes of a scene, or which code was entered; nothing when somebody stops it. */
function ask(worker: Worker, what: SceneJob | 'entered', signal: AbortSignal | undefined): Promise<HuntReply | undefined> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: HuntReply): void => {
      heartbeat.beat()
      if ('beat' in reply) return
      forget()
      if ('failure' in reply) reject(new WorkerFailure(reply.failure))
      else resolve(reply)
    }
    const onError = (error: unknown): void => {
      forget()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    const onAbort = (): void => {
      forget()
      resolve(undefined)
    }
    const forget = (): void => {
      worker.off('message', onMessage).off('error', onError)
      signal?.removeEventListener('abort', onAbort)
    }
    worker.on('message', onMessage).on('error', onError)
    signal?.addEventListener('abort', onAbort)
    worker.postMessage(what)
  })
}
