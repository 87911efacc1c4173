import { availableParallelism, hostname } from 'node:os'
import { Exit } from '../exit-codes.js'
import type { Print } from '../print.js'
import { driver, reached } from './driver.js'
import type { QueueJob } from './job.js'
import { pack, type Packed } from './pieces.js'
import type { RaceSet } from './race-set.js'
import { RunnerProcess } from './runner-process.js'

/** Milliseconds after which a job of a worker that is heard of no more is given to another. */
const LOCK = 5_000
/** How often a job may change hands because its worker is gone. Workers do not crash of a job: its process does. */
const HANDS = 1000
/** Of a job beyond the time that its search may take: to load and to set up. */
const MORE = 60_000

/** Takes jobs from the queue of this model and these races until it is interrupted. */
export async function work(url: string, races: RaceSet, threads: number | undefined, print: Print, signal: AbortSignal): Promise<number> {
  const { bullmq: { Worker, UnrecoverableError }, connection, client } = await driver(url)
  const runners: RunnerProcess[] = []
  const free: RunnerProcess[] = []
  const worker = new Worker<QueueJob, Packed>(races.queue, async (task) => {
    const { model, job } = task.data
    const race = races.own(job.race)
    if (model !== races.model) throw new UnrecoverableError(JSON.stringify({ code: Exit.usage, text: `mmrace: a worker with another model refuses it` }))
    if (race === undefined || job.changes.length > 0) throw new UnrecoverableError(JSON.stringify({ code: Exit.usage, text: `mmrace: the race ${job.race} is not among those that a worker was started with` }))
    const runner = free.pop() ?? new RunnerProcess()
    if (!runners.includes(runner)) runners.push(runner)
    const answer = await runner.ask({ ...job, race }, job.seconds * 1000 + MORE)
    free.push(runner)
    if ('failure' in answer) throw new UnrecoverableError(JSON.stringify(answer.failure))
    if ('crashed' in answer) throw new Error(JSON.stringify({ code: Exit.model, text: `mmrace: the race crashes what searches it: ${answer.crashed}` }))
    return pack(answer.done, (i, piece) => client.set(`mmrace:piece:${task.id}:${i}`, piece))
  }, {
    connection, concurrency: threads ?? availableParallelism(), lockDuration: LOCK, stalledInterval: LOCK / 2, maxStalledCount: HANDS, name: `${hostname()} ${process.pid}`,
  })
  client.on('error', () => undefined) // the worker tells of it
  worker.on('error', (error) => void process.stderr.write(`mmrace: ${error.message}\n`))
  try {
    await reached(Promise.all([worker.waitUntilReady(), client.connect()]), url)
    print(`working on ${races.queue}`)
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  } finally {
    runners.forEach((runner) => runner.stop())
    await worker.close(true)
    client.disconnect()
  }
  return Exit.interrupted
}
