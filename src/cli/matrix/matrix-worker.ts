// A thread that searches cells of a matrix, one after the other, for search-cells.ts.
import { parentPort } from 'node:worker_threads'
import { heartbeat } from '../../engine/heartbeat.js'
import { changeCellOf } from '../../race/change-cell.js'
import { finish } from '../../race/check.js'
import { failureOf } from '../exit-codes.js'
import { ownChanges } from '../own-changes.js'
import { loadRace } from '../races.js'
import type { CellJob } from './cell-job.js'
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

async function answer({ race, variant, arch, kernel, seconds, changes }: CellJob): Promise<CellReply> {
  try {
    const [one, own] = [await loadRace(race), await ownChanges(changes)]
    const start = performance.now()
    const cell = finish(changeCellOf(one, variant, arch, kernel, own, { seconds }))
    return { done: { ...cell, milliseconds: Math.round(performance.now() - start) } }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}
