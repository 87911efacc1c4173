// What the engine is to come to, goal beside figure: npm run bench:targets -- [--base DIR] [--litmus DIR] [--runs 3]
// [--races a,b,c]. The base is a checkout of an earlier commit that has been built, the other directory one of litmus tests; ratios are medians
// of CPU seconds (user and system) of whole processes in turn, of workers those of the clock. Against SPIN needs `spin` and `gcc`.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { find, median, timed } from './measure.mjs'

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    litmus: { type: 'string' },
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

/** A full check of a model against SPIN's with its own reduction. */
const againstSpin = (name, size, defines) => {
  if (!find('spin') || !find('gcc')) return undefined
  const cwd = mkdtempSync(path.join(tmpdir(), 'mmrace-bench-'))
  try {
    timed('spin', ['-a', ...defines, path.join(import.meta.dirname, 'models', `${name}.pml`)], { cwd })
    timed('gcc', ['-O3', '-w', '-DSAFETY', '-DMEMLIM=16000', '-o', 'pan', 'pan.c'], { cwd })
    const [ours, spin] = inTurn([() => seconds(child(modules(root), 'model', name, ...size)), () => timed('./pan', ['-m1000000'], { cwd }).cpu])
    return ours / spin
  } finally {
    rmSync(cwd, { recursive: true })
  }
}
/** How many times as fast two workers are by the clock. */
const twoWorkers = (...size) => {
  const searched = (...more) => timed(process.execPath, [path.join(import.meta.dirname, 'peers/mmrace-child.mjs'), ...size, 'none', ...more]).wall
  const [one, two] = inTurn([() => searched(), () => searched('2')])
  return one / two
}
const NEEDS = { base: 'needs --base', litmus: 'needs --base and --litmus', spin: 'needs spin and gcc' }

const TARGETS = [
  ['start: CPU seconds of --version', '<= 0.15', () => inTurn([() => seconds(command(root, '--version'))])[0]],
  ['start: check of a small race, against the base', '<= 0.45', () => ratio((dir) => seconds(command(dir, 'check', 'gup-fast-vs-table-free')))],
  ['learning: matrix of some races on arm64, against the base', '<= 0.40', () => ratio((dir) => seconds(command(dir, 'matrix', ...values.races.split(','), '--arch', 'arm64')))],
  ['learning: microseconds a round of a loop of 100,000 rounds', '<= 100', () => figure(child(modules(root), 'loop', '100000'))],
  ['states: unreduced (5,3), against the base', '<= 0.55', () => ratio((dir) => figure(child(modules(dir), 'scenario', '5', '3', '0')))],
  ['learning: queue of 8 with 4 values, against SPIN', '<= 1', () => againstSpin('fifo', ['4', '8'], ['-DL=8']), 'spin'],
  ['cycles: peterson(5), against SPIN', '<= 1', () => againstSpin('peterson', ['5'], ['-DN=5']), 'spin'],
  ['cycles: bakery(4,4), against SPIN', '<= 1', () => againstSpin('bakery', ['4', '4'], ['-DN=4', '-DMOST=4']), 'spin'],
  ['cycles: szymanski(5), against SPIN', '<= 1', () => againstSpin('szymanski', ['5'], ['-DN=5']), 'spin'],
  ['workers: two at unreduced (6,3) with fix, times as fast', '>= 1.7', () => twoWorkers('6', '3', '1')],
  ['litmus: CPU of a directory of tests, against the base', '<= 0.10',
    () => (values.litmus ? ratio((dir) => seconds(command(dir, 'litmus', path.resolve(values.litmus)))) : undefined), 'litmus'],
  ['states: bytes a state, unreduced (5,3)', '<= 7.5', () => figure(child(modules(root), 'bytes', '5', '3', '0'))],
]

for (const [name, goal, measure, needs = 'base'] of TARGETS) {
  const value = measure()
  console.log(`${name.padEnd(62)} ${goal.padStart(8)}   ${value === undefined ? NEEDS[needs] : value.toPrecision(3)}`)
}
