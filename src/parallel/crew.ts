import { Worker } from 'node:worker_threads'
import { sharedMemory } from '../engine/core/core.js'
import type { Reductions } from '../engine/search/reductions.js'
import { Control } from './control.js'
import type { FromWorker, ProgramSource, Start, ToWorker } from './messages.js'

export interface CrewOptions {
  readonly workers: number
  readonly reductions: Reductions
  readonly depth: number
  readonly bytes: number
}

/** What came from a worker; a worker that ended by itself has failed. */
export type News = { readonly worker: number } & (FromWorker | { readonly type: 'failed'; readonly error: Error })

/** The workers of a search and what they say. */
export class Crew {
  readonly control: Control
  readonly memory = sharedMemory()
  readonly size: number
  private readonly workers: Worker[]
  private readonly news: News[] = []
  private wake: (() => void) | undefined

  constructor(source: ProgramSource, { workers, ...options }: CrewOptions) {
    const control = Control.buffer(workers)
    const { memory } = this
    this.control = new Control(control)
    this.size = workers
    this.workers = Array.from({ length: workers }, (_, index) => {
      const workerData: Start = { source, memory, control, index, ...options }
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData })
      worker.on('message', (message: FromWorker) => this.add({ worker: index, ...message }))
      worker.on('error', (error) => this.add({ worker: index, type: 'failed', error }))
      worker.on('exit', (code) => this.add({ worker: index, type: 'failed', error: new Error(`the worker ended with ${code}`) }))
      return worker
    })
  }

  private add(news: News): void {
    this.news.push(news)
    this.wake?.()
  }

  tell(worker: number, message: ToWorker): void {
    this.workers[worker]!.postMessage(message)
  }

  tellAll(message: ToWorker): void {
    for (const worker of this.workers) worker.postMessage(message)
  }

  /** The next piece of news, or undefined when there is none for a while. */
  async next(milliseconds: number): Promise<News | undefined> {
    if (this.news.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.wake = undefined
    }
    return this.news.shift()
  }

  async end(): Promise<void> {
    this.control.stop()
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }
}
