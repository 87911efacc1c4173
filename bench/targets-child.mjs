// One figure, as JSON, of a build whose modules lie at `from`.
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [from, what, ...numbers] = process.argv.slice(2)
const load = (file) => import(pathToFileURL(path.join(from, file)).href)
const { check, Memory, store } = await load('src/engine/index.js')

const measured = (program, options) => {
  const start = process.cpuUsage()
  const { stats } = check(program, options)
  const { user, system } = process.cpuUsage(start)
  return { stats, cpu: (user + system) / 1e6 }
}

/** One function that stores so many times, told by its counter as instrumented code is. */
async function loop(rounds) {
  const { at, call, info, sitesOf } = await load('src/engine/model/at.js')
  const memory = new Memory()
  const x = memory.cell('x')
  const site = sitesOf('loop')(1, 1)
  const body = info(function* () {
    for (let i = 0; i < rounds; i++) yield* at(store(x, i & 1), site, [i], [])
  }, undefined, ['loop', 'loop', 1, false])
  return (measured({ memory, threads: [{ name: 'A', body: () => call(body, []) }] }, {}).cpu / rounds) * 1e6
}

async function scenario(walkers, ptes, fix) {
  const made = await load('bench/scenario/mmrace.js')
  return measured(made.scenario(walkers, ptes, fix === 1), { reduce: false, all: true })
}

/** A model of bench/models, searched in full. */
async function model(name, ...size) {
  const models = await load('bench/models/mmrace.js')
  return measured(models[name](...size), { all: true })
}

const figures = {
  loop: ([rounds]) => loop(rounds),
  model: async ([name, ...size]) => (await model(name, ...size.map(Number))).stats.states,
  scenario: async (size) => (await scenario(...size)).cpu,
  bytes: async (size) => {
    const { stats } = await scenario(...size)
    return stats.bytes / stats.states
  },
}
console.log(JSON.stringify({ figure: await figures[what](what === 'model' ? numbers : numbers.map(Number)) }))
