import type { Progress } from '../../engine/search/result.js'
import type { FromWorker, Replies, Request, ToWorker } from '../worker/requests.js'
import { startChecker } from './start-checker.js'

/** Milliseconds that a request has to come to its end when it is told to. */
const PATIENCE = 3_000

/** What a request failed with, and what to do about it. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}

interface Waiting {
  resolve(reply: never): void
  reject(error: RequestError): void
  progress: ((progress: Progress) => void) | undefined
}

/** The checker, in a worker that is started with the first request. */
export class Client {
  private worker: Promise<Worker> | undefined
  private readonly waiting = new Map<number, Waiting>()
  private count = 0

  /** `script` is that of a race that the page has beside those of mmrace. */
  constructor(private readonly script = '') {}

  ask<K extends Request['kind']>(request: Request & { kind: K }, progress?: (progress: Progress) => void): Promise<Replies[K]> {
    this.worker ??= startChecker(this.script, (message) => this.receive(message), (why) => this.fail(why))
    const id = ++this.count
    return new Promise<Replies[K]>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress })
      void this.send({ id, request })
    })
  }

  /** The running request comes to its end soon, with what it has. */
  stop(): void {
    if (!this.worker) return
    void this.send({ stop: true })
    const asked = [...this.waiting.keys()]
    setTimeout(() => void this.endIfWaiting(asked), PATIENCE)
  }

  /** Model code of the user's may loop without a step: then nothing but the end of the worker helps. */
  private async endIfWaiting(asked: readonly number[]): Promise<void> {
    if (!asked.some((id) => this.waiting.has(id))) return
    const worker = await this.worker
    worker?.terminate()
    this.fail('the model code did not come to a step', 'look for a loop without yield* in the race file')
  }

  private async send(message: ToWorker): Promise<void> {
    try {
      const worker = await this.worker!
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker, not a window
      worker.postMessage(message)
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error))
    }
  }

  private receive(message: FromWorker): void {
    const waiting = this.waiting.get(message.id)
    if (!waiting) return
    if ('progress' in message) return waiting.progress?.(message.progress)
    this.waiting.delete(message.id)
    if ('failed' in message) waiting.reject(new RequestError(message.failed.message, message.failed.hint))
    else waiting.resolve(message.reply as never)
  }

  private fail(message: string, hint = 'this browser may forbid workers here; the recorded run can still be read'): void {
    for (const { reject } of this.waiting.values()) reject(new RequestError(message, hint))
    this.waiting.clear()
    this.worker = undefined
  }
}
