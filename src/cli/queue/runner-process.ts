import { type ChildProcess, fork } from 'node:child_process'
import type { CellJob } from '../matrix/cell-job.js'
import type { Failure } from './job.js'

export type Answer = { readonly done: string } | { readonly failure: Failure } | { readonly crashed: string }

/** Searches cells one after the other in a process of its own, which is started again when one has crashed it. */
export class RunnerProcess {
  private child: ChildProcess | undefined

  ask(job: CellJob, milliseconds: number): Promise<Answer> {
    const child = (this.child ??= fork(new URL('./queue-runner.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }))
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        clearTimeout(timer)
        child.removeAllListeners()
        if ('crashed' in answer) this.stop()
        resolve(answer)
      }
      const timer = setTimeout(() => end({ crashed: `model code has not come to an end after ${Math.round(milliseconds / 1000)} s` }), milliseconds)
      child.once('message', (answer: Answer) => end(answer))
      child.once('error', (error) => end({ crashed: error.message }))
      child.once('exit', (code, signal) => end({ crashed: `its process ended with ${signal ?? `status ${code}`}` }))
      child.send(job)
    })
  }

  stop(): void {
    this.child?.removeAllListeners()
    this.child?.kill('SIGKILL')
    this.child = undefined
  }
}
