// A thread that searches cells of a matrix, one after the other, for search-cells.ts.
import { parentPort } from 'node:worker_threads'
import { heartbeat } from '../../engine/heartbeat.js'
import { failureOf } from '../exit-codes.js'
import type { CellJob } from './cell-job.js'
import { cellDone } from './cell-done.js'
import type { CellReply } from './search-cells.js'

let told = 0
heartbeat.beat = () => {
  const now = performance.now()
  if (now - told < 1000) return
  told = now
  reply({ beat: true })
}
const reply = (message: CellReply): void => parentPort!.postMessage(message)

parentPort!.on('message', (job: CellJob) => {
  void answer(job).then(reply)
})

async function answer(job: CellJob): Promise<CellReply> {
  try {
    return { done: await cellDone(job) }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}
