// One search of the benchmark scenario, to the end. Prints its numbers as JSON.
import { check } from '../../dist/src/engine/index.js'
import { scenario } from '../../dist/bench/scenario/mmrace.js'

const [walkers, ptes, fix, reduce] = process.argv.slice(2)
const start = process.cpuUsage()
const { verdict, stats } = check(scenario(Number(walkers), Number(ptes), fix === '1'), { all: true, reduce: reduce === 'all' })
const { user, system } = process.cpuUsage(start)
console.log(JSON.stringify({
  violated: verdict === 'violated', states: stats.states, transitions: stats.transitions, bytes: stats.bytes,
  searching: (user + system) / 1e6,
}))
