// One search with workers, and with `beside` by one as well, by the built package: Node has to load it, not the test runner.
import { check } from '../../build/compiled/src/engine/search/explore.js'
import { exploreInParallel } from '../../build/compiled/src/parallel/explore.js'

const [file, name, args, options] = process.argv.slice(2)
const module = new URL(file, import.meta.url).href
const { [name]: make, [name.replace(/^no /, '')]: known = make } = await import(module)
const { aborted, beside, ...rest } = JSON.parse(options)
const alone = []
const steps = exploreInParallel(
  await known(...JSON.parse(args)), { module, name, args: JSON.parse(args) }, { workers: 2, ...rest, ...(aborted && { signal: AbortSignal.abort() }) },
  (why) => alone.push(why.message),
)
let turn = await steps.next()
while (!turn.done) turn = await steps.next()
const byOne = beside && check(await known(...JSON.parse(args)), rest)
console.log(JSON.stringify({ result: turn.value, alone, byOne }))
