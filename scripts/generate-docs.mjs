// Writes docs/questions.md and docs/races.md from runs of the races. Needs a build; `npm run docs` makes one.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const root = path.resolve(import.meta.dirname, '..')
const compiled = (file) => pathToFileURL(path.join(root, 'build/compiled', file)).href
const { builtInRaces, loadRace } = await import(compiled('src/cli/races.js'))
const { barriersNeeded } = await import(compiled('src/litmus/barriers/barrier-advice.js'))
const { parseLitmus } = await import(compiled('src/litmus/parse/parse-litmus.js'))
const { isReachable } = await import(compiled('src/litmus/reachable.js'))
const { DEFAULT_KERNEL } = await import(compiled('src/machine/kernels.js'))
const { expectOn } = await import(compiled('src/race/race.js'))
const { matrixTable } = await import(compiled('src/trace/matrix-table.js'))

const SEEDS = {
  S0: 'does unmap_mapping_range() leave anything behind? (PCI/P2PDMA, October 2021)',
  S1: 'GUP-fast against THP collapse (September 2022)',
  S2: 'device-coherent pages and long-term pins (July 2022)',
  S3: 'page-table walkers and MMU notifiers (April 2019)',
  S4: 'dma-buf invalidation, userptr and locks in reclaim (March 2018)',
}
const MADE = '<!-- Made from runs by `npm run docs`; change the race files instead. -->'

const run = (args) => spawnSync(process.execPath, [path.join(root, 'bin/mmrace.mjs'), ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1e8 }).stdout
const races = await Promise.all(builtInRaces().map((name) => loadRace(name)))
const cells = JSON.parse(run(['matrix', '--all', '--format', 'json']))
const cellsOf = (race) => cells.filter((cell) => cell.race === race.name)

const violated = (race) => cellsOf(race).find((cell) => cell.verdict === 'violated')
const conditions = ({ revert = [], apply = [] }) =>
  [...(revert.length > 0 ? ['--revert', revert.join(',')] : []), ...(apply.length > 0 ? ['--apply', apply.join(',')] : [])]

/** The command that shows a violation of the race, and what it prints. */
function interleaving(race) {
  const bad = violated(race)
  if (!bad) return []
  const command = ['check', race.name, '--arch', bad.arch, ...conditions(race.variants[bad.variant]), '--format', 'commit']
  return ['', `\`mmrace ${command.slice(0, -2).join(' ')}\``, '', '```', run([...command, '--no-orders']).trimEnd(), '```']
}

const quoted = ({ asked, answer }) => [...(asked ? ['', ...asked.trim().split('\n').map((line) => `> ${line.trim()}`)] : []), ...(answer ? ['', answer.trim()] : [])]
const fenced = (text) => ['```', text, '```']
const number = (race) => Number(/\d+/.exec(race.question)?.[0])

const asked = races.filter((race) => race.question !== undefined).toSorted((a, b) => number(a) - number(b))
const questions = Object.entries(SEEDS).flatMap(([seed, about]) => {
  const own = asked.filter((race) => race.seed === seed)
  if (own.length === 0) return []
  return ['', `## ${about}`, ...own.flatMap((race) => [
    '', `### ${race.question} · ${race.title}`, ...quoted(race), '', ...fenced(matrixTable(race, cellsOf(race))), ...interleaving(race),
  ])]
})
/** What the thread of March 2018 did not settle, and the races whose verdicts do. */
const DEBATE = [
  ['When must set_page_dirty() run?', [
    '*Long before the mapping is destroyed*, said one side; *after all mappings of the device are gone*, the other. It has to be',
    'after the last write of the device, or writeback cleans the page too early; and while the page cannot leave its file. That its',
    'entry is still there, as in the notifier of amdgpu, does not keep it in: it takes the lock of the page, which callers of the',
    'notifier may hold, so that the lock is only tried. Or the memory has no file, as radeon demands.',
  ], ['userptr-dirty-vs-writeback', 'amdgpu-2018-dirty-vs-truncate', 'userptr-dirty-vs-truncate', 'userptr-dirty-vs-reclaim', 'radeon-free-vs-truncate']],
  ['Is GFP_NOIO enough for what is allocated under locks that a notifier takes?', [
    '*All locks taken in an MMU notifier can only depend on GFP_NOIO*: reclaim without I/O calls notifiers all the same.',
  ], asked.filter((race) => race.question === 'Q25').map((race) => race.name)],
  ['May the sg table stay when the notifier has returned?', [
    '*Not an option*, if the device does not confine its commands; with page tables of its own that it obeys, and fences that are',
    'waited for, nothing is written. The same holds for an importer of a dma-buf.',
  ], ['amdgpu-userptr-vs-munmap', 'i915-userptr-vs-munmap', 'xe-userptr-vs-munmap', 'dma-buf-move-vs-importer']],
]

/** A row for each kernel that a race was run on: what is violated there, on how many architectures. */
function verdictRows(race) {
  return Object.entries(race.variants).map(([variant, { because }]) => {
    const own = cellsOf(race).filter((cell) => cell.variant === variant)
    if (own.length === 0) throw new Error(`${race.name} was not run as ${variant}`)
    const bad = own.filter((cell) => cell.verdict !== 'holds' && cell.verdict !== 'absent')
    const expected = expectOn(race.variants[variant], DEFAULT_KERNEL).violates
    const found = [...new Set(bad.flatMap((cell) => cell.oracles))].toSorted((a, b) => (b === expected) - (a === expected))
    const verdict = bad.length === 0 ? 'holds' : `${found.join(' ')} on ${bad.length === own.length ? 'all' : `${bad.length} of ${own.length}`}`
    return `| \`${race.name}\` | ${variant} | ${verdict} | ${because ?? ''} |`
  })
}

const debate = DEBATE.flatMap(([question, answer, names]) => [
  '', `### ${question}`, '', ...answer, '', '| race | kernel | verdict | why |', '|---|---|---|---|',
  ...races.filter((race) => names.includes(race.name)).toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name)).flatMap(verdictRows),
])
questions.push('', '## The debate of March 2018', '', 'What was left open between i915 and amdgpu, in the verdicts of the races above and of some more.', ...debate)

writeFileSync(path.join(root, 'docs/questions.md'), ['# Questions and answers', '', MADE, '',
  'Questions that were asked in five threads on the mailing lists, answered by exhaustive search. A column is a kernel:',
  'Linux 6.1, or 6.1 without some commits or with a proposed change; a row is an architecture.', ...questions, ''].join('\n'))

const commit = (id) => (/^[0-9a-f]{12}$/.test(id) ? `[${id}](https://git.kernel.org/linus/${id})` : `\`${id}\``)
const rows = races.filter((race) => race.bug !== undefined).toSorted((a, b) => a.bug.localeCompare(b.bug)).map((race) => {
  const own = cellsOf(race)
  const bug = own.filter((cell) => cell.variant === 'bug' && cell.verdict === 'violated')
  const { revert = [], apply = [] } = race.variants.bug ?? {}
  const where = bug.length === 0 ? '-' : bug.map((cell) => cell.arch).join(', ')
  const oracle = (race.variants.bug && expectOn(race.variants.bug, DEFAULT_KERNEL).violates) ?? '-'
  const right = own.filter((cell) => cell.asExpected).length
  return `| ${race.bug} | \`${race.name}\` | ${[...revert, ...apply].map(commit).join(' ')} | ${oracle} | ${where} | ${right}/${own.length} |`
})
/** Barriers without which the outcome can happen, under one model. */
function needs(test, model) {
  if (isReachable(test, model) !== false) return 'can happen'
  const needed = barriersNeeded(test, model).filter((barrier) => barrier.needed)
  return needed.length === 0 ? 'cannot happen' : needed.map(({ barrier, places: [place] }) => `P${place.thread} \`${barrier}\``).join('<br>')
}

const weak = races.flatMap((race) => (race.litmus ?? []).map((name) => {
  const test = parseLitmus(readFileSync(path.join(root, 'races/litmus', `${name}.litmus`), 'utf8'))
  return `| ${race.bug} | \`${race.name}\` | [${name}](../races/litmus/${name}.litmus) | ${['sc', 'tso', 'lkmm'].map((model) => needs(test, model)).join(' | ')} |`
})).toSorted()

writeFileSync(path.join(root, 'docs/races.md'), ['# Races', '', MADE, '',
  'Historic races of Linux memory management. The bug form takes the commits named out of 6.1 (or puts a change in); it',
  'violates the oracle on the profiles named and on no other. The fixed form is the kernel as released: it holds, unless the',
  'release has the bug. The last column counts the verdicts, over all profiles and variants, that are as history says.', '',
  '| corpus | race | bug form without | oracle | violated on | as history says |', '|---|---|---|---|---|---|', ...rows, '',
  '## Weak memory', '',
  'Interleavings are sequentially consistent, and barriers take no step. What only a missing barrier lets happen is a litmus',
  'test. The columns say which barriers it needs under each model; `mmrace litmus FILE --model MODEL` shows it.', '',
  '| corpus | race | litmus test | sc | tso | lkmm |', '|---|---|---|---|---|---|', ...weak, ''].join('\n'))
