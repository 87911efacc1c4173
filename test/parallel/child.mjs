// One search of the benchmark scenario with workers, by the built package: Node has to load it, not the test runner.
import { exploreInParallel } from '../../dist/src/parallel/explore.js'
import { scenario } from '../../dist/bench/scenario/mmrace.js'

const [size, options, name] = process.argv.slice(2)
const args = JSON.parse(size)
const { aborted, ...rest } = JSON.parse(options)
const alone = []
const module = new URL('../../dist/bench/scenario/mmrace.js', import.meta.url).href
const steps = exploreInParallel(
  scenario(...args), { module, name, args }, { workers: 2, ...rest, ...(aborted && { signal: AbortSignal.abort() }) },
  (why) => alone.push(why.message),
)
let turn = await steps.next()
while (!turn.done) turn = await steps.next()
console.log(JSON.stringify({ result: turn.value, alone }))
