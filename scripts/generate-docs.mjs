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
const raceNamed = (name) => races.find((race) => race.name === name)
const cellsOf = (race) => cells.filter((cell) => cell.race === race.name)

/** Kernels beside the first on which questions are answered. Of 7.2 only what programs see was compared. */
const LATER = ['6.12', '7.3']
/** And architectures there: one of each way to keep GUP-fast and flushes apart. */
const LATER_ARCHS = ['x86-native', 'x86-pv', 'arm64', 'ppc64-radix', 's390']
/** Places where 7.3 itself may have a race, as it was read; what the search says in the model. Without a race: what is missing for one. */
const READ = [
  ['R1', '`mm/migrate_device.c:migrate_vma_collect_pmd` starts again from the beginning of its range when the table has gone', ['migrate-vma-split-vs-table-free'], ''],
  ['R2', 'the same function drops the lock of the table before it has flushed', ['migrate-vma-split-vs-madvise'], ''],
  ['R3', 'the same function waits for the lock of a folio while it holds others', [], 'not in reach: it takes large folios that two address spaces map, with a fault on one of them in a range of more than one table; not run'],
  ['R4', '`drivers/gpu/drm/xe/xe_userptr.c`: the second of two invalidations does not wait for the flush of the first', ['xe-two-invalidations'], ''],
  ['R5', '`drivers/infiniband/core/umem_odp.c`: one list for walks without a lock and for the callback', ['odp-fault-vs-invalidate', 'odp-prefetch-vs-fold'], ''],
  ['R6', '`drivers/vfio/pci/vfio_pci_dmabuf.c` waits for an unmapping that xe puts off', ['vfio-dma-buf-vs-xe'], ''],
  ['R7', '`drivers/pci/p2pdma.c:p2pmem_alloc_mmap` resets the count of a page that it has given back', ['p2pdma-mmap-fails'], ''],
  ['R8', '`drivers/gpu/drm/amd/amdgpu/amdgpu_hmm.c` walks a list with the lock of the callback alone', ['amdgpu-close-vs-invalidate'], ''],
  ['R9', '`fs/dax.c`: users of a block are counted under the lock of one file', ['dax-share-vs-truncate'], ''],
  ['R10', '`drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_evict`: who is second does not wait', ['kfd-svm-two-ranges'], ''],
  ['R11', '`arch/x86/mm/init_64.c`: tables of the kernel are freed before they are taken out', [], 'not in reach: the model has page tables of address spaces only, and no walker of the kernel\'s half'],
  ['R12', 'pins do not hold a pagemap: device-dax goes with a pin', ['device-dax-unbind-vs-pin'], ''],
]

/** Of the races of these places, which variant is 7.3 as it is, where that is not `fixed`. */
const RELEASED = {
  'device-dax-unbind-vs-pin': 'bug', 'odp-prefetch-vs-fold': 'bug', 'vfio-dma-buf-vs-xe': 'bug', 'amdgpu-close-vs-invalidate': 'bug', 'dax-share-vs-truncate': 'bug', 'kfd-svm-two-ranges': 'bug',
}

const violated = (race) => cellsOf(race).find((cell) => cell.verdict === 'violated')
const conditions = ({ revert = [], apply = [] }) =>
  [...(revert.length > 0 ? ['--revert', revert.join(',')] : []), ...(apply.length > 0 ? ['--apply', apply.join(',')] : [])]

/** The command that shows a violation of the race, and what it prints. */
function interleaving(race) {
  const bad = violated(race)
  if (!bad) return []
  const variant = race.variants[bad.variant]
  const command = ['check', race.name, '--arch', bad.arch, ...(variant.with ? ['--variant', bad.variant] : conditions(variant)), '--format', 'commit']
  return ['', `\`mmrace ${command.slice(0, -2).join(' ')}\``, '', '```', run([...command, '--no-orders']).trimEnd(), '```']
}

const quoted = ({ asked, answer }) => [...(asked ? ['', ...asked.trim().split('\n').map((line) => `> ${line.trim()}`)] : []), ...(answer ? ['', answer.trim()] : [])]
const fenced = (text) => ['```', text, '```']

/** What a variant does on a kernel, over LATER_ARCHS. */
function summary(race, variant, kernel) {
  const ran = kernel === DEFAULT_KERNEL ? cells : later.filter((cell) => cell.kernel === kernel)
  const own = ran.filter((cell) => cell.race === race.name && cell.variant === variant && LATER_ARCHS.includes(cell.arch))
  if (own.length === 0) throw new Error(`${race.name} was not run as ${variant} on ${kernel}`)
  const here = own.filter(({ verdict }) => verdict !== 'absent')
  const bad = here.filter(({ verdict }) => verdict === 'violated')
  const expected = expectOn(race.variants[variant], kernel).violates
  const found = [...new Set(bad.flatMap(({ oracles }) => oracles))].toSorted((a, b) => (b === expected) - (a === expected))
  const where = bad.length === here.length ? 'all' : `${bad.length} of ${here.length}`
  const open = here.filter(({ verdict }) => verdict !== 'violated' && verdict !== 'holds').length
  const verdict = bad.length === 0 ? (open > 0 ? 'holds as far as was searched' : 'holds') : `**${found.join(' ')}** on ${where}`
  return here.every(({ asExpected }) => asExpected) ? verdict : `${verdict} (!)`
}

/** The answer on three kernels. */
function onKernels(race) {
  const kernels = [DEFAULT_KERNEL, ...LATER]
  return ['', `| | ${kernels.join(' | ')} |`, `|---|${kernels.map(() => '---|').join('')}`,
    ...Object.keys(race.variants).map((variant) => `| ${variant} | ${kernels.map((kernel) => summary(race, variant, kernel)).join(' | ')} |`)]
}

const number = (race) => Number(/\d+/.exec(race.question)?.[0])

const asked = races.filter((race) => race.question !== undefined).toSorted((a, b) => number(a) - number(b))
const read = READ.flatMap(([, , names]) => names)
const later = JSON.parse(run(['matrix', ...new Set([...asked.map(({ name }) => name), ...read]), '--kernels', LATER.join(), '--arch', LATER_ARCHS.join(), '--max-seconds', '600', '--format', 'json']))
const questions = Object.entries(SEEDS).flatMap(([seed, about]) => {
  const own = asked.filter((race) => race.seed === seed)
  if (own.length === 0) return []
  return ['', `## ${about}`, ...own.flatMap((race) => [
    '', `### ${race.question} · ${race.title}`, ...quoted(race), '', ...fenced(matrixTable(race, cellsOf(race))), ...onKernels(race), ...interleaving(race),
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

questions.push('', '## Where 7.3 may itself have a race', '',
  'Twelve places that looked like it when 7.3.4 was read. What is violated is violated **in the model only**: by steps as the source has them,',
  'which the references of the race name. Nothing was tried on a kernel.', '', '| | place | race | 7.3 as released | else |', '|---|---|---|---|---|',
  ...READ.flatMap(([id, place, names, missing]) => (names.length === 0 ? [`| ${id} | ${place} | - | ${missing} | |`] : names.map((name) => {
    const race = raceNamed(name)
    const [first, ...others] = Object.keys(race.variants).toSorted((a, b) => (RELEASED[name] ?? 'fixed') === a ? -1 : (RELEASED[name] ?? 'fixed') === b ? 1 : 0)
    return `| ${id} | ${place} | \`${name}\` | ${summary(race, first, '7.3')}: ${race.variants[first].because ?? ''} | ${others.map((variant) => `${variant}: ${summary(race, variant, '7.3')}`).join('; ')} |`
  }))))

writeFileSync(path.join(root, 'docs/questions.md'), ['# Questions and answers', '', MADE, '',
  'Questions that were asked in five threads on the mailing lists, answered by exhaustive search. A column is a kernel:',
  'Linux 6.1, or 6.1 without some commits or with a proposed change; a row is an architecture. The table below each says what becomes of it',
  `on 6.12 and 7.3, on ${LATER_ARCHS.join(', ')}: *fixed* is the kernel as released unless it says otherwise, and (!) marks what is not as history says.`, ...questions, ''].join('\n'))

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
  return `| ${race.bug ?? '-'} | \`${race.name}\` | [${name}](../races/litmus/${name}.litmus) | ${['sc', 'tso', 'lkmm'].map((model) => needs(test, model)).join(' | ')} |`
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
