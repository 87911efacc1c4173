// A thread that checks scenes, for hunt-crew.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { heartbeat } from '../engine/heartbeat.js'
import { enteredArms } from '../engine/model/arms.js'
import { Checker } from '../hunt/checker.js'
import { sceneNamed } from '../hunt/drawn.js'
import { operationNamed } from '../hunt/operations/index.js'
import { finish } from '../race/check.js'
import { failureOf } from './exit-codes.js'
import type { HuntReply, HuntStart, SceneJob } from './hunt-crew.js'
import { ownChanges } from './own-changes.js'

const { files, kernel, against, operations, bounds } = workerData as HuntStart
const reply = (message: HuntReply): void => parentPort!.postMessage(message)

let told = 0
heartbeat.beat = () => {
  const now = performance.now()
  if (now - told < 1000) return
  told = now
  reply({ beat: true })
}

const changes = await ownChanges(files)
const checker = new Checker({
  operations: operations.map(operationNamed), bounds,
  kernel: { ...kernel, changes }, ...(against && { against: { ...against, changes } }),
})

parentPort!.on('message', (what: SceneJob | 'entered') => {
  if (what === 'entered') return reply({ entered: enteredArms() })
  const { arch, ...scene } = what
  try {
    reply({ result: finish(checker.check(sceneNamed(scene), arch)) })
  } catch (error) {
    reply({ failure: failureOf(error) })
  }
})
