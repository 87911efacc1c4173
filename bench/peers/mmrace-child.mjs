// One search of the benchmark scenario, to the end. Prints its numbers as JSON.
import { explore } from '../../build/compiled/src/engine/index.js'
import { exploreInParallel } from '../../build/compiled/src/parallel/explore.js'
import { scenario } from '../../build/compiled/bench/scenario/mmrace.js'

const [walkers, ptes, fix, reduce, workers] = process.argv.slice(2)
const args = [Number(walkers), Number(ptes), fix === '1']
const options = { all: true, reduce: reduce === 'all' }
const source = { module: new URL('../../build/compiled/bench/scenario/mmrace.js', import.meta.url).href, name: 'scenario', args }

const start = process.cpuUsage()
const steps = workers
  ? exploreInParallel(scenario(...args), source, { ...options, workers: Number(workers) })
  : explore(scenario(...args), options)
let turn = await steps.next()
while (!turn.done) turn = await steps.next()
const { user, system } = process.cpuUsage(start)
const { verdict, stats } = turn.value
console.log(JSON.stringify({
  violated: verdict === 'violated', states: stats.states, transitions: stats.transitions, bytes: stats.bytes,
  searching: (user + system) / 1e6,
}))
