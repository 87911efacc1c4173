import { randomBytes } from 'node:crypto'
import { UserError } from '../../engine/errors.js'
import { Exit } from '../exit-codes.js'
import { type CellDone, type CellJob } from '../matrix/cell-job.js'
import { CellFailure } from '../matrix/search-cells.js'
import { driver, reached } from './driver.js'
import { type Failure, idOf, type QueueJob, read } from './job.js'
import { type Packed, unpack } from './pieces.js'
import type { RaceSet } from './race-set.js'

/** A crash may be the machine's: another gets a try. */
const TRIES = 2
/** Milliseconds between looks at what is not done yet. */
const LOOK = 500
/** Jobs that are asked for at a time. */
const BATCH = 200

/** A run as it stands on the server, for whoever takes it up. */
interface Run {
  readonly model: string
  readonly races: readonly string[]
  readonly jobs: readonly CellJob[]
}

const runKey = (run: string): string => `mmrace:run:${run}`

/** Cells that are searched by whoever works on a queue. */
export class HandOut {
  private constructor(private readonly parts: Awaited<ReturnType<typeof connected>>) {}

  static async to(url: string, races: RaceSet): Promise<HandOut> {
    return new HandOut(await connected(url, races.queue))
  }

  /** Hands out cells, and tells of each as it is done. Gives what has failed, when all others are there. */
  async search(races: RaceSet, jobs: readonly CellJob[], done: (cell: CellDone, job: CellJob) => void, signal: AbortSignal, tell: (text: string) => void): Promise<readonly CellFailure[]> {
    const run = randomBytes(6).toString('hex')
    const { queue, client } = this.parts
    const record: Run = { model: races.model, races: [...new Set(jobs.map(({ race }) => race))], jobs }
    await client.set(runKey(run), JSON.stringify(record))
    for (let at = 0; at < jobs.length; at += BATCH) {
      await queue.addBulk(jobs.slice(at, at + BATCH).map((job, i) => ({ name: job.race, data: { model: races.model, job } satisfies QueueJob, opts: { jobId: idOf(run, at + i), attempts: TRIES } })))
    }
    tell(`run ${run}: mmrace attach ${run} --queue … takes it up again`)
    return this.collect(run, jobs, done, signal)
  }

  /** What a run was about. */
  async record(run: string, races: RaceSet): Promise<Run> {
    const text = await this.parts.client.get(runKey(run))
    if (text === null) throw new UserError('no-run', `there is no run ${run}`, 'it is gone when it has been told of to its end')
    const record = JSON.parse(text) as Run
    if (record.model !== races.model) throw new UserError('other-model', `run ${run} is of another model, or of other race files`, `name the files that it is of: ${record.races.join(' ')}`)
    return record
  }

  /** Waits for all cells of a run; then nothing is left of it on the server. */
  async collect(run: string, jobs: readonly CellJob[], done: (cell: CellDone, job: CellJob) => void, signal: AbortSignal): Promise<readonly CellFailure[]> {
    const { queue, client, bullmq: { Job } } = this.parts
    const waiting = new Map(jobs.map((job, i) => [idOf(run, i), job]))
    const failed: CellFailure[] = []
    while (waiting.size > 0) {
      if (signal.aborted) throw new CellFailure([...waiting.values()][0]!, Exit.interrupted, `interrupted; run ${run} goes on: mmrace attach ${run}`)
      let news = 0
      for (const [id, job] of [...waiting].slice(0, BATCH)) {
        const task = await Job.fromId<QueueJob, Packed>(queue, id)
        if (!task) throw new CellFailure(job, Exit.internal, `job ${id} is not in the queue any more`)
        if (task.failedReason && await task.isFailed()) {
          failed.push(failureOf(job, task.failedReason))
        } else if (task.returnvalue && await task.isCompleted()) {
          const text = await unpack(task.returnvalue, (i) => client.get(`mmrace:piece:${id}:${i}`))
          if (text === undefined) failed.push(new CellFailure(job, Exit.internal, 'mmrace: the result is not as its checksum says'))
          else done(read(text), job)
        } else {
          continue
        }
        news++
        waiting.delete(id)
      }
      if (news === 0) {
        // Others may be done before those that were given out first.
        rotate(waiting)
        await new Promise((resolve) => setTimeout(resolve, LOOK))
      }
    }
    await this.forget(run, jobs.length)
    return failed
  }

  private async forget(run: string, count: number): Promise<void> {
    const { queue, client, bullmq: { Job } } = this.parts
    for (let i = 0; i < count; i++) {
      const task = await Job.fromId<QueueJob, Packed>(queue, idOf(run, i))
      const { returnvalue: packed } = task ?? {}
      if (packed && 'pieces' in packed) for (let k = 0; k < packed.pieces; k++) await client.del(`mmrace:piece:${idOf(run, i)}:${k}`)
      await task?.remove()
    }
    await client.del(runKey(run))
  }

  /** How many work on it. */
  async workers(): Promise<number> {
    return this.parts.queue.getWorkersCount()
  }

  async close(): Promise<void> {
    await this.parts.queue.close()
    this.parts.client.disconnect()
  }
}

/** Those looked at go to the end. */
function rotate<K, V>(map: Map<K, V>): void {
  for (const [key, value] of [...map].slice(0, BATCH)) {
    map.delete(key)
    map.set(key, value)
  }
}

function failureOf(job: CellJob, reason: string): CellFailure {
  try {
    const { code, text } = JSON.parse(reason) as Failure
    return new CellFailure(job, code, text)
  } catch {
    return new CellFailure(job, Exit.internal, `mmrace: the queue says: ${reason}`)
  }
}

async function connected(url: string, name: string) {
  const { bullmq, connection, client } = await driver(url)
  const queue = new bullmq.Queue<QueueJob, Packed>(name, { connection })
  queue.on('error', (error) => void process.stderr.write(`mmrace: ${error.message}\n`))
  client.on('error', () => undefined) // the queue tells of it
  try {
    await reached(Promise.all([queue.waitUntilReady(), client.connect()]), url)
  } catch (error) {
    // What still tries to connect would keep the process.
    client.disconnect()
    await queue.close()
    throw error
  }
  return { bullmq, queue, client }
}
