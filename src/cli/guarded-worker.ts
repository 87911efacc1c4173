// The thread that guarded.ts starts.
import { parentPort, workerData } from 'node:worker_threads'
import { heartbeat } from '../engine/heartbeat.js'
import type { GuardedStart } from './guarded.js'
import { run } from './main.js'

const { args, pulse, columns, colours } = workerData as GuardedStart
const beats = new Int32Array(pulse)
heartbeat.beat = () => void Atomics.add(beats, 0, 1)

// A worker's standard error is a pipe to the main thread; what matters is where that one leads.
if (columns !== undefined) Object.assign(process.stderr, { isTTY: true, columns })

const interrupt = new AbortController()
parentPort!.once('message', () => interrupt.abort())
const status = await run(args, (text) => void process.stdout.write(`${text}\n`), interrupt.signal, colours)
parentPort!.postMessage(status)
parentPort!.unref()
