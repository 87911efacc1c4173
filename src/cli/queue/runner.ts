// A process that searches cells for a worker: what crashes in it takes nobody along.
import { failureOf } from '../exit-codes.js'
import { compileLess } from '../compile-less.js'
import { cellDone } from '../matrix/cell-done.js'
import type { CellJob } from '../matrix/cell-job.js'
import { written } from './job.js'

compileLess()
process.on('disconnect', () => process.exit())
process.on('message', (job: CellJob) => {
  void cellDone(job).then((done) => process.send!({ done: written(done) }), (error: unknown) => process.send!({ failure: failureOf(error) }))
})
