// What runs in each worker: makes the program anew, then does passes and jobs as told.
import { parentPort, workerData } from 'node:worker_threads'
import { LateIdentity } from '../engine/learn/keys.js'
import { Loaded } from '../engine/learn/loaded.js'
import type { Program } from '../engine/program.js'
import { Control } from './control.js'
import type { FromWorker, Start, ToWorker } from './messages.js'
import { Part } from './part.js'
import { prelude } from './prelude.js'

const port = parentPort!
const start = workerData as Start
const { source, reductions } = start
const post = (message: FromWorker): void => port.postMessage(message)

if (source.first) await import(source.first)
const module = (await import(source.module)) as Record<string, (...args: readonly unknown[]) => Program | Promise<Program>>
const program = await module[source.name]!(...source.args)
const taught = prelude(program, reductions)
const { identities } = taught.automaton
const loaded = new Loaded(program, { memory: start.memory, identities })
identities.seal()
loaded.treatAlike(reductions.symmetry)
const maskBits = reductions.sleep ? program.threads.length : 0
const part = new Part(loaded, new Control(start.control), start, post)

const teach = (rows: Parameters<Loaded['footprints']['teach']>[0]): void =>
  loaded.footprints.teach(rows, loaded.automaton.states.map((state) => state.key))

const handle = (message: ToWorker): void => {
  switch (message.type) {
    case 'pass':
      if (message.resumed && taught.automaton.states.some(({ key }) => !message.rows.has(key))) return post({ type: 'late-identity' })
      teach(message.rows)
      if (message.join === undefined) loaded.core.visitedReset(maskBits)
      else loaded.core.visitedJoin(message.join, maskBits)
      part.begin(message.states, message.resumed)
      return post({ type: 'ready', visitedAt: loaded.core.visitedAt() })
    case 'job':
      part.run(message.job)
      return post({ type: 'idle' })
    case 'report':
      return post({ type: 'report', report: part.report(message.tell) })
  }
}

port.on('message', (message: ToWorker) => {
  try {
    handle(message)
  } catch (error) {
    if (!(error instanceof LateIdentity)) throw error
    post({ type: 'late-identity' })
  }
})

teach(taught.footprints.knowledge(taught.automaton.states.map((state) => state.key)).rows)
post({ type: 'loaded' })
