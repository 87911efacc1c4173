// For every merged change: does a hunt on a kernel without it find a violation that the kernel as released has not, and how soon?
//   node scripts/rediscovery.mjs RESULTS [seconds [profiles]]     needs npm run build
// RESULTS is a file of JSON lines, to which what is known is added: changes that it has with as many seconds are not tried again.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const [, , results, seconds = '300', profiles = 'x86-native,x86-pv,arm64,s390'] = process.argv
if (!results) throw new Error('name a file for the results')
const model = process.env.MMRACE_COMPILED ?? path.resolve(import.meta.dirname, '../build/compiled')
const { changes } = await import(path.join(model, 'src/kernel/changes/index.js'))
const { Checker } = await import(path.join(model, 'src/hunt/checker.js'))
const { hunt } = await import(path.join(model, 'src/hunt/hunt.js'))
const { operations } = await import(path.join(model, 'src/hunt/operations/index.js'))
const { survey } = await import(path.join(model, 'src/hunt/survey.js'))
const { states } = await import(path.join(model, 'src/hunt/states/index.js'))

const budget = Number(seconds)
const known = existsSync(results) ? readFileSync(results, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []
const isDone = (id) => known.some((one) => one.id === id && (one.found || one.budget >= budget))

const surveys = new Map()
const archs = profiles.split(',')
/** How many operations come by a change: few are soon looked at. */
const common = new Map()
for (const state of states.filter(({ since }) => !since)) {
  const { setup, operations: asked } = survey(state, operations, { arch: archs[0] })
  for (const ids of [setup, ...asked.values()]) for (const id of ids) common.set(id, (common.get(id) ?? 0) + 1)
}
const inOrder = changes.filter(({ since }) => since === '6.1').toSorted((a, b) => (common.get(a.id) ?? 1e6) - (common.get(b.id) ?? 1e6))
for (const { id, title, changes: what } of inOrder) {
  if (isDone(id)) continue
  // What only shows where a section under a lock is looked at more finely is looked for there.
  const fine = what.match(/fine-[a-z-]+/g) ?? []
  const start = process.cpuUsage()
  const clock = () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1e6
  }
  const options = {
    archs, states, operations, lanes: 2, seed: 1, budget, first: true,
    kernel: { revert: [id], apply: fine }, against: { apply: fine }, surveys, bounds: { states: 100_000, seconds: 20 },
  }
  const steps = hunt(options, new Checker(options), clock)
  let turn = steps.next()
  while (!turn.done) turn = steps.next()
  const { groups, checked, failed } = turn.value
  const [found] = groups.list
  const line = { id, title, budget, seconds: Math.round(clock()), checked, failed: failed.length, found: found && { oracle: found.oracle, message: found.message, ...found.smallest } }
  appendFileSync(results, `${JSON.stringify(line)}\n`)
  console.log(`${id}  ${line.seconds} s  ${found ? `${found.oracle}  ${found.smallest.arch} ${found.smallest.state}: ${found.smallest.operations.join(' | ')}` : '-'}`)
}
