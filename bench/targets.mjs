// What the engine is to come to, goal beside figure: npm run bench:targets -- [--base DIR] [--runs 3] [--races a,b,c]
// DIR is a checkout of an earlier commit that has been built; ratios are medians of CPU seconds (user and system) of runs in turn.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median, timed } from './measure.mjs'

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    runs: { type: 'string', default: '3' },
    races: { type: 'string', default: 'zap-vs-page-mkclean,gup-fast-vs-thp-collapse,migration-vs-read-only-pin,device-eviction-vs-fork,kvm-fault-vs-mprotect' },
  },
})
const root = path.resolve(import.meta.dirname, '..')
const runs = Number(values.runs)
const command = (dir, ...args) => [path.join(dir, 'bin/mmrace.mjs'), ...args]
const child = (...args) => [path.join(import.meta.dirname, 'targets-child.mjs'), ...args]
/** Where the modules of a build lie, of this layout or an older one. */
const modules = (dir) => [path.join(dir, 'build/compiled'), path.join(dir, 'dist')].find((place) => existsSync(path.join(place, 'src/engine/index.js')))

const seconds = (args) => timed(process.execPath, args).cpu
const figure = (args) => JSON.parse(timed(process.execPath, args).output).figure

/** Each of the measurements in turn, as often as there are runs. */
const inTurn = (measurements) => {
  const all = measurements.map(() => [])
  for (let run = 0; run < runs; run++) for (const [i, measure] of measurements.entries()) all[i].push(measure())
  return all.map(median)
}
const ratio = (of) => {
  if (!values.base) return undefined
  const [now, then] = inTurn([() => of(root), () => of(path.resolve(values.base))])
  return now / then
}

const TARGETS = [
  ['start: CPU seconds of --version', '<= 0.15', () => inTurn([() => seconds(command(root, '--version'))])[0]],
  ['start: check of a small race, against the base', '<= 0.45', () => ratio((dir) => seconds(command(dir, 'check', 'gup-fast-vs-table-free')))],
  ['learning: matrix of some races on arm64, against the base', '<= 0.40', () => ratio((dir) => seconds(command(dir, 'matrix', ...values.races.split(','), '--arch', 'arm64')))],
  ['learning: microseconds a round of a loop of 100,000 rounds', '<= 100', () => figure(child(modules(root), 'loop', '100000'))],
  ['states: unreduced (5,3), against the base', '<= 0.55', () => ratio((dir) => figure(child(modules(dir), 'scenario', '5', '3', '0')))],
  ['states: bytes a state, unreduced (5,3)', '<= 7.5', () => figure(child(modules(root), 'bytes', '5', '3', '0'))],
]

for (const [name, goal, measure] of TARGETS) {
  const value = measure()
  console.log(`${name.padEnd(62)} ${goal.padStart(8)}   ${value === undefined ? 'needs --base' : value.toPrecision(3)}`)
}
